"use strict";
/* Keeps the rows that ipvld sends (the stream `events`), and draws them: at most once in a frame, and never more than
 * a reader can see. All texts become text nodes. */

const SHOWN_IN_NETNS = 12, SHOWN_NETNS = 48, SHOWN_FAULTS = 30, SHOWN_ROWS = 100, SHOWN_DRIFT = 50;
const BAD = ["error", "conflict", "contested"], MILD = ["waiting", "drifted", "unknown"];
const WELL = ["ready", "pending", "disabled"];

const rows = {Host: new Map(), Master: new Map(), Slave: new Map(), Drift: new Map()};
const changed = new Set();
let isComplete = false, isDrawn = false, isDue = false, shown = SHOWN_ROWS;

const find = id => document.getElementById(id);

function make(tag, attributes, ...children) {
	const e = document.createElement(tag);
	for (const name in attributes || {})
		e.setAttribute(name, attributes[name]);
	e.append(...children.filter(c => c !== ""));
	return e;
}

function replace(e, children) {
	e.replaceChildren(...children);
}

const plural = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const label = (netns, name) => netns ? `${netns}/${name}` : name;
const stateOf = r => r.state || "unknown";
/* "pending" while it works is no fault; a warning limits what is ready. */
const rankOf = r => BAD.includes(stateOf(r)) ? "bad" : MILD.includes(stateOf(r)) || r.warnings.length ? "mild" : stateOf(r);

function stateWord(r) {
	const limited = r.state === "ready" && r.warnings.length;
	return make("span", {class: `state ${limited ? "limited" : stateOf(r)}`}, limited ? "ready, limited" : stateOf(r));
}

/* The slaves of each master, sorted; a slave without a namespace is in its master's. */
function gather() {
	const masters = [...rows.Master.values()].sort((a, b) => label(a.netns, a.name).localeCompare(label(b.netns, b.name)));
	for (const m of masters) {
		m.label = label(m.netns, m.name);
		m.all = m.slaves.map(id => rows.Slave.get(id)).filter(Boolean);
		for (const s of m.all) {
			s.master = m.label;
			s.place = s.netns || m.netns;
			s.label = label(s.place, s.name);
			s.text = [s.label, m.label, ...s.addresses, stateOf(s)].join(" ").toLowerCase();
		}
		m.all.sort((a, b) => a.label.localeCompare(b.label, "en", {numeric: true}));
	}
	return masters;
}

function drawSummary(masters, slaves) {
	const count = {};
	for (const s of slaves)
		count[stateOf(s)] = (count[stateOf(s)] || 0) + 1;
	const box = (n, what, kind) => make("li", kind ? {class: kind} : {}, make("b", {}, String(n)), what);
	const states = [...BAD, ...MILD, "pending", "ready", "disabled"].filter(k => count[k]);
	replace(find("summary"), [box(masters.length, masters.length === 1 ? "master" : "masters"),
		box(slaves.length, slaves.length === 1 ? "slave" : "slaves"), ...states.map(k => box(count[k], k, k))]);
}

function fault(name, r, text, mild) {
	return make("li", mild ? {class: "mild"} : {}, make("b", {}, name), r ? " " : "", r ? stateWord(r) : "",
		make("p", {}, text));
}

function drawFaults(masters, slaves, host) {
	const list = (host ? host.config_errors : []).map(e => fault("configuration file", null, e));
	const some = [...masters, ...slaves].filter(r => ["bad", "mild"].includes(rankOf(r)));
	some.sort((a, b) => (rankOf(a) === "mild") - (rankOf(b) === "mild"));
	for (const r of some.slice(0, SHOWN_FAULTS))
		list.push(fault(r.label, r, [r.message, ...r.warnings].filter(Boolean).join("; "), rankOf(r) === "mild"));
	if (some.length > SHOWN_FAULTS)
		list.push(make("li", {class: "mild"}, `and ${some.length - SHOWN_FAULTS} more: \`ipvl-ctl status\``));
	replace(find("faults"), list);
	find("attention").hidden = !list.length;
	return some.length + (host ? host.config_errors.length : 0);
}

function drawSlave(s) {
	const rank = rankOf(s), lines = s.addresses.map(a => make("p", {class: "mono"}, a));
	if (!lines.length)
		lines.push(make("p", {class: "faint"}, s.addressing === "external" ? "addresses by another program" : "no address"));
	lines.push(...s.routes.map(r => make("p", {class: "mono faint"}, r)));
	for (const text of [s.message, ...s.warnings])
		if (text)
			lines.push(make("p", {class: rank === "bad" ? "error" : "limited"}, text));
	return make("li", {class: `slave is-${rank}${changed.has(s.id) ? " changed" : ""}`},
		make("div", {}, make("b", {}, s.name), stateWord(s)), ...lines);
}

function drawFrame(place, list) {
	const some = list.slice(0, SHOWN_IN_NETNS).map(drawSlave);
	if (list.length > SHOWN_IN_NETNS)
		some.push(make("li", {class: "faint rest"}, `and ${list.length - SHOWN_IN_NETNS} more`));
	return make("li", {class: "frame"}, make("h4", {}, place || "host"), make("ul", {}, ...some));
}

function describe(m) {
	const vlan = m.vlan_link ? `VLAN ${m.vlan_id} on ${m.vlan_link}` : "";
	const device = m.device && m.device !== m.name ? `device ${m.device}` : "";
	return [[m.datapath, m.mode, m.flag].filter(Boolean).join(" "), m.kind, vlan, device, m.link_state,
		m.link_mtu ? `mtu ${m.link_mtu}` : "", m.mac].filter(Boolean).join(" \u00b7 ");
}

function drawMaster(m, list) {
	const frames = new Map();
	for (const s of list)
		frames.set(s.place, [...frames.get(s.place) || [], s]);
	const some = [...frames].slice(0, SHOWN_NETNS).map(([place, slaves]) => drawFrame(place, slaves));
	const ready = m.all.filter(s => s.state === "ready").length;
	const bar = make("div", {class: `bar is-${rankOf(m)}${changed.has(m.id) ? " changed" : ""}`}, make("h3", {}, m.label),
		make("span", {}, m.state === "ready" ? `${ready} of ${plural(m.all.length, "slave")} ready` : stateOf(m)),
		make("p", {}, describe(m)), ...[m.message, ...m.warnings].filter(Boolean).map(t => make("p", {}, t)));
	const rest = frames.size - some.length;
	return make("article", {class: "master", "aria-label": `master ${m.label}`}, bar, make("ul", {class: "frames"}, ...some),
		rest > 0 ? make("p", {class: "faint rest"}, `and ${plural(rest, "namespace")} more: filter by name or state`) : "");
}

function drawPicture(masters, slaves, filter) {
	const kept = new Set(slaves);
	const some = masters.filter(m => !filter || m.all.some(s => kept.has(s)) || m.label.toLowerCase().includes(filter));
	const none = rows.Master.size ? "Nothing matches." : "No masters yet: add one with `ipvl-ctl add-master NAME`, or apply a file.";
	replace(find("picture"), some.length ? some.map(m => drawMaster(m, m.all.filter(s => kept.has(s)))) :
		[make("p", {class: "faint rest"}, none)]);
}

function drawTable(slaves) {
	const cell = (of, text, kind) => make("td", text === "" ? {} : {"data-of": of, class: kind || ""}, text);
	replace(find("slaves").tBodies[0], slaves.slice(0, shown).map(s => make("tr", changed.has(s.id) ? {class: "changed"} : {},
		make("th", {scope: "row"}, s.label), cell("on", s.master), cell("", s.addresses.join(", "), "mono"),
		cell("routes", s.routes.join(", "), "mono"), cell("mtu", s.link_mtu ? String(s.link_mtu) : ""), make("td", {class: "end"}, stateWord(s)))));
	find("slaves").hidden = !slaves.length;
	find("more").hidden = slaves.length <= shown;
	find("more").firstElementChild.textContent = `Show more (${plural(slaves.length - shown, "slave")} left)`;
}

function drawDrift() {
	const list = [...rows.Drift.values()].sort((a, b) => b.time - a.time).slice(0, SHOWN_DRIFT);
	const two = n => String(n).padStart(2, "0");
	const text = t => `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} `
		+ `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
	const time = d => make("time", {datetime: new Date(d.time).toISOString()}, text(new Date(d.time)));
	const done = d => d.done + (d.took_ms && d.done === "back" ? ` after ${d.took_ms} ms` : "") + (d.count > 1 ? `, ${d.count} times` : "");
	replace(find("drift").tBodies[0], list.map(d => make("tr", changed.has(d.id) ? {class: "changed"} : {}, make("td", {}, time(d)),
		make("th", {scope: "row"}, d.object), make("td", {}, d.found), make("td", {"data-of": "by"}, d.actor || "not known"),
		make("td", {}, done(d)))));
	find("drift").hidden = !list.length;
	find("no-drift").hidden = list.length > 0;
}

function draw() {
	isDue = false;
	const masters = gather(), all = masters.flatMap(m => m.all), host = [...rows.Host.values()][0];
	const filter = find("filter").value.trim().toLowerCase();
	const slaves = filter ? all.filter(s => filter.split(/\s+/).every(word => s.text.includes(word))) : all;
	drawSummary(masters, all);
	const faults = drawFaults(masters, all, host);
	drawPicture(masters, slaves, filter);
	drawTable(slaves);
	drawDrift();
	const name = host && host.host || location.hostname;
	find("host").textContent = name;
	find("version").textContent = host ? `ipvld ${host.version} on Linux ${host.kernel}` : "";
	document.title = `${faults ? `(${faults}) ` : ""}${name} \u00b7 ipvl`;
	changed.clear();
	isDrawn = true;
}

function plan() {
	if (isComplete && !isDue)
		requestAnimationFrame(draw);
	isDue = isDue || isComplete;
}

function note(state, text) {
	find("live").dataset.is = state;
	if (find("live").textContent !== text)
		find("live").textContent = text;
}

/* Each row comes whole, or as null when it is gone. After the first ones comes `complete`. */
function connect() {
	const stream = new EventSource("events");
	stream.addEventListener("open", () => {
		isComplete = false;
		Object.values(rows).forEach(map => map.clear());
	});
	stream.addEventListener("rows", e => {
		for (const [table, id, row] of JSON.parse(e.data)) {
			if (row)
				rows[table].set(id, Object.assign(row, {id}));
			else
				rows[table].delete(id);
			if (isDrawn && isComplete)
				changed.add(id);
		}
		plan();
	});
	stream.addEventListener("complete", () => {
		isComplete = true;
		note("live", "live");
		plan();
	});
	stream.addEventListener("error", () => {
		note("lost", "no connection: what is shown may be old");
		if (stream.readyState === EventSource.CLOSED)
			setTimeout(connect, 3000);
	});
}

find("filter").addEventListener("input", () => {
	shown = SHOWN_ROWS;
	plan();
});
find("more").addEventListener("click", () => {
	shown += 5 * SHOWN_ROWS;
	plan();
});
connect();
