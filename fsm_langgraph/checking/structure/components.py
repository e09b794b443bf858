"""Strongly connected components of a directed graph, by Tarjan's algorithm, without recursion.

R. Tarjan, "Depth-first search and linear graph algorithms" (1972): each node and each edge is looked at once. Machines
may be longer than Python's stack is deep, so the way down is kept in a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def components(onward: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the strongly connected components, each after those that it leads to.

    Args:
        onward: Where each node leads; what leads to no node of the mapping is passed over.
    """
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_nodes: list[str] = []
    is_open: set[str] = set()
    for start in onward:
        if start in order:
            continue
        order[start] = lowest[start] = len(order)
        open_nodes.append(start)
        is_open.add(start)
        way = [(start, iter(onward[start]))]
        while way:
            node, targets = way[-1]
            fresh = None
            for target in targets:
                if target not in onward:
                    continue
                if target not in order:
                    fresh = target
                    break
                if target in is_open:
                    lowest[node] = min(lowest[node], order[target])
            if fresh is not None:
                order[fresh] = lowest[fresh] = len(order)
                open_nodes.append(fresh)
                is_open.add(fresh)
                way.append((fresh, iter(onward[fresh])))
                continue
            way.pop()
            if way:
                before = way[-1][0]
                lowest[before] = min(lowest[before], lowest[node])
            if lowest[node] == order[node]:
                found = [open_nodes.pop()]
                while found[-1] != node:
                    found.append(open_nodes.pop())
                is_open.difference_update(found)
                yield tuple(found)


def is_ring(component: Sequence[str], onward: Mapping[str, Sequence[str]]) -> bool:
    """Say whether one comes round in a component: it has several nodes, or one that leads to itself."""
    return len(component) > 1 or component[0] in onward[component[0]]


def joined_groups(nodes: Sequence[str], onward: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Group nodes that edges join, whichever way these lead; the groups and their nodes stand in the order given."""
    near: dict[str, list[str]] = {node: [] for node in nodes}
    for node in nodes:
        for target in onward[node]:
            if target in near:
                near[node].append(target)
                near[target].append(node)
    position = {node: number for number, node in enumerate(nodes)}
    groups: list[list[str]] = []
    seen: set[str] = set()
    for node in nodes:
        if node not in seen:
            seen.add(node)
            group = [node]
            for each in group:  # it grows while it is gone through
                fresh = [other for other in dict.fromkeys(near[each]) if other not in seen]
                seen.update(fresh)
                group += fresh
            groups.append(sorted(group, key=position.__getitem__))
    return groups
