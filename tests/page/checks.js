/* What a page must have to be used by everybody (WCAG 2.2 A and AA, as far as a program can see it): an array of what
 * is wrong. Run in the page. */
(() => {
	const wrong = [], all = selector => [...document.querySelectorAll(selector)];
	const say = (e, what) => wrong.push(`${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}: ${what}`);
	const isShown = e => e.checkVisibility() && e.getClientRects().length > 0;
	const nameOf = e => e.getAttribute("aria-label") || (e.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean)
		.map(id => document.getElementById(id) ? document.getElementById(id).textContent : "").join(" ")
		|| (e.labels && e.labels.length ? e.labels[0].textContent : "") || (e.matches("button, a") ? e.textContent : "");

	/* 3.1.1, 2.4.2, 1.4.4 */
	if (!document.documentElement.lang)
		wrong.push("the page has no language");
	if (!document.title.trim())
		wrong.push("the page has no title");
	const viewport = document.querySelector("meta[name=viewport]");
	if (!viewport || /user-scalable=no|maximum-scale/.test(viewport.content))
		wrong.push("the page cannot be zoomed");

	/* 1.3.1, 2.4.1: landmarks, headings, tables, lists */
	for (const one of ["main", "body > header", "body > footer", "h1"])
		if (all(one).length !== 1)
			wrong.push(`${one}: ${all(one).length} in place of one`);
	for (const e of all("body > *"))
		if (isShown(e) && !e.matches("header, main, footer"))
			say(e, "is outside of all landmarks");
	let level = 0;
	for (const h of all("h1, h2, h3, h4, h5, h6").filter(isShown)) {
		if (Number(h.tagName[1]) > level + 1)
			say(h, `comes after a heading of level ${level}`);
		level = Number(h.tagName[1]);
		if (!h.textContent.trim())
			say(h, "is empty");
	}
	for (const e of all("section, article, table, input, button, a").filter(isShown))
		if (!nameOf(e).trim())
			say(e, "has no name");
	for (const e of all("th"))
		if (!e.scope)
			say(e, "has no scope");
	for (const e of all("ul > *, ol > *"))
		if (e.tagName !== "LI")
			say(e, "is in a list, and no entry of it");
	for (const e of all("img, svg, canvas"))
		if (!e.getAttribute("alt") && !nameOf(e) && e.getAttribute("aria-hidden") !== "true")
			say(e, "has no text in its place");

	/* 4.1.1, 4.1.2, 2.4.3, 4.1.3 */
	const ids = all("[id]").map(e => e.id);
	for (const id of ids.filter((id, i) => ids.indexOf(id) !== i))
		wrong.push(`#${id} is there twice`);
	for (const e of all("[aria-labelledby]"))
		for (const id of e.getAttribute("aria-labelledby").split(" "))
			if (!document.getElementById(id))
				say(e, `is labelled by #${id}, which is not there`);
	for (const e of all("[tabindex]"))
		if (e.tabIndex > 0)
			say(e, "changes the order of the keyboard");
	if (!all("[role=status]").length)
		wrong.push("nothing says that the connection is lost");
	for (const e of all("*"))
		if ([...e.attributes].some(a => a.name.startsWith("on") || a.name === "style"))
			say(e, "has a script or a style of its own");

	/* 2.4.7: what has the focus can be seen */
	for (const e of all("input, button, a").filter(isShown)) {
		e.focus({focusVisible: true});
		const s = getComputedStyle(e);
		if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2)
			say(e, "does not show that it has the focus");
		e.blur();
	}
	/* 2.5.8: what is touched is large enough; links in a sentence may be smaller */
	for (const e of all("input, button").filter(isShown))
		if (e.getBoundingClientRect().height < 24 || e.getBoundingClientRect().width < 24)
			say(e, "is too small to be touched");

	/* 1.4.3: contrast of each text with what is behind it */
	const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
	const behind = e => {
		for (; e; e = e.parentElement) {
			const c = parse(getComputedStyle(e).backgroundColor);
			if (c.length === 3 || c[3] === 1)
				return c;
		}
		return [255, 255, 255];
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let n = 0;
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || !isShown(e) || e.matches("noscript, noscript *, .unseen"))
			continue;
		const s = getComputedStyle(e), a = light(parse(s.color)), b = light(behind(e));
		const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
		const isLarge = parseFloat(s.fontSize) >= 24 || parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700;
		if (contrast < (isLarge ? 3 : 4.5))
			say(e, `"${walker.currentNode.data.trim()}" has a contrast of ${contrast.toFixed(2)}`);
		n++;
	}
	if (n < 20)
		wrong.push(`only ${n} texts were found`);
	return wrong;
})()
