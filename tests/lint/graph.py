"""Directed graphs of modules: what stands in a circle."""


def circles(edges):
    """The strongly connected parts of more than one node of 'edges', {node: nodes}; each sorted."""
    order, seen = [], set()
    back = {}
    for a, bs in edges.items():
        for b in bs:
            back.setdefault(b, set()).add(a)

    def reach(graph, start, into):
        stack = [(start, iter(sorted(graph.get(start, ()))))]
        seen.add(start)
        while stack:
            node, following = stack[-1]
            for n in following:
                if n not in seen:
                    seen.add(n)
                    stack.append((n, iter(sorted(graph.get(n, ())))))
                    break
            else:
                stack.pop()
                into.append(node)

    for node in sorted(edges):
        if node not in seen:
            reach(edges, node, order)
    seen.clear()
    found = []
    for node in reversed(order):
        if node not in seen:
            part = []
            reach(back, node, part)
            if len(part) > 1:
                found.append(sorted(part))
    return sorted(found)
