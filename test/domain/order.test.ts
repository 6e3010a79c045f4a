import fc from 'fast-check';
import { topologicalOrder } from '../../domain/order.ts';

const node = (id: string, ...parents: string[]) => ({ id, parents });

/**
 * Small graphs with any edges at all: chains, diamonds, cycles, self-references, parents that do not exist.
 */
const graphs = fc
  .array(fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 4 }), { maxLength: 12 })
  .map((parents) => parents.map((list, index) => node(`n${index}`, ...list.map((parent) => `n${parent}`))));

/** Ids reachable over parents, the slow and obvious way. */
function ancestors(nodes: { id: string; parents: string[] }[], id: string): Set<string> {
  const found = new Set<string>();
  const visit = (current: string) => {
    for (const parent of nodes.find((one) => one.id === current)?.parents ?? []) {
      if (found.has(parent) || !nodes.some((one) => one.id === parent)) continue;
      found.add(parent);
      visit(parent);
    }
  };
  visit(id);
  return found;
}

describe('topologicalOrder', () => {
  test('puts parents before children and keeps the input order where it is free to', () => {
    const { order, cycles } = topologicalOrder([node('c', 'b'), node('x'), node('b', 'a'), node('a')]);
    expect(order).toEqual(['a', 'b', 'c', 'x']);
    expect(cycles).toEqual([]);
  });

  test('puts the members of a cycle side by side, after what they read and before what reads them', () => {
    const nodes = [
      node('after', 'b'),
      node('a', 'b', 'before'),
      node('other'),
      node('b', 'a'),
      node('before'),
    ];
    const { order, cycles } = topologicalOrder(nodes);
    expect(order).toEqual(['before', 'a', 'b', 'after', 'other']);
    expect(cycles).toEqual([['a', 'b']]);
  });

  test('reports a node that is its own parent as a cycle of one', () => {
    expect(topologicalOrder([node('a', 'a'), node('b', 'a')])).toEqual({
      order: ['a', 'b'],
      cycles: [['a']],
    });
  });

  test('ignores parents that are not in the list', () => {
    expect(topologicalOrder([node('a', 'elsewhere')]).order).toEqual(['a']);
  });

  test('refuses two nodes of one name', () => {
    expect(() => topologicalOrder([node('a'), node('a')])).toThrow('two nodes are called a');
  });

  test('orders a chain of 100,000 nodes, given in the worst order, without overflowing the stack', () => {
    const count = 100_000;
    const chain = Array.from({ length: count }, (_, i) =>
      node(`n${i}`, ...(i + 1 < count ? [`n${i + 1}`] : [])),
    );
    const { order } = topologicalOrder(chain);
    expect(order[0]).toBe(`n${count - 1}`);
    expect(order.at(-1)).toBe('n0');
  });

  test('orders a ring of 100,000 nodes as one cycle', () => {
    const count = 100_000;
    const ring = Array.from({ length: count }, (_, i) => node(`n${i}`, `n${(i + 1) % count}`));
    const { order, cycles } = topologicalOrder(ring);
    expect(order).toHaveLength(count);
    expect(cycles).toHaveLength(1);
  });

  test('for any graph: each id once, ancestors first, cycles adjacent and complete', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const { order, cycles } = topologicalOrder(nodes);
        expect([...order].sort()).toEqual(nodes.map((one) => one.id).sort());
        const cycleOf = new Map(cycles.flatMap((members) => members.map((id) => [id, members] as const)));
        for (const { id } of nodes) {
          const above = ancestors(nodes, id);
          expect(cycleOf.has(id)).toBe(above.has(id));
          for (const parent of above) {
            if (cycleOf.get(id)?.includes(parent)) continue;
            expect(order.indexOf(parent)).toBeLessThan(order.indexOf(id));
          }
        }
        for (const members of cycles) {
          const places = members.map((id) => order.indexOf(id));
          expect(Math.max(...places) - Math.min(...places)).toBe(members.length - 1);
          for (const id of members)
            expect(ancestors(nodes, id)).toEqual(new Set([...ancestors(nodes, id), ...members]));
        }
      }),
    );
  });

  test('returns its own result unchanged when it is ordered again', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const { order } = topologicalOrder(nodes);
        const again = order.map((id) => nodes.find((one) => one.id === id)!);
        expect(topologicalOrder(again).order).toEqual(order);
      }),
    );
  });
});
