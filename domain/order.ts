/** A node and what it reads; parents that are not nodes themselves are ignored. */
interface OrderNode {
  id: string;
  parents: string[];
}

interface Order {
  /** Every id once, parents before children; the members of a cycle stand next to each other. */
  order: string[];
  /** Groups that reach themselves, in order; a node that is its own parent is a group of one. */
  cycles: string[][];
}

const UNSEEN = -1;

/**
 * Orders nodes upstream before downstream, in time proportional to nodes + edges. A list that is already in
 * order is returned as it is, and ties are broken by input order. Tarjan's strongly connected components
 * along the parent edges come out parents first; the recursion is a list of its own, so that depth is
 * bounded by memory only.
 * @throws {Error} where an id occurs twice (a bug of the caller)
 */
export function topologicalOrder(nodes: readonly OrderNode[]): Order {
  const parentsOf = parentIndexes(nodes);
  const groups = stronglyConnected(parentsOf);
  const order: string[] = [];
  const cycles: string[][] = [];
  for (const members of groups) {
    const ids = members.map((index) => nodes[index]!.id);
    for (const id of ids) order.push(id);
    const alone = members[0]!;
    if (members.length > 1 || parentsOf[alone]!.includes(alone)) cycles.push(ids);
  }
  return { order, cycles };
}

function parentIndexes(nodes: readonly OrderNode[]): number[][] {
  const indexOf = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    if (indexOf.has(node.id)) throw new Error(`two nodes are called ${node.id}`);
    indexOf.set(node.id, index);
  }
  return nodes.map((node) => node.parents.map((id) => indexOf.get(id) ?? UNSEEN).filter((i) => i !== UNSEEN));
}

/** Components, parents first; the members of each in input order. */
function stronglyConnected(parentsOf: number[][]): number[][] {
  const count = parentsOf.length;
  const seenAt = new Array<number>(count).fill(UNSEEN);
  const lowest = new Array<number>(count).fill(0);
  const groupOf = new Array<number>(count).fill(UNSEEN);
  const nextParent = new Array<number>(count).fill(0);
  const path: number[] = [];
  const open: number[] = [];
  let time = 0;
  let groupCount = 0;
  for (let root = 0; root < count; root++) {
    if (seenAt[root] !== UNSEEN) continue;
    path.push(root);
    while (path.length > 0) {
      const node = path.at(-1)!;
      if (seenAt[node] === UNSEEN) {
        seenAt[node] = time;
        lowest[node] = time++;
        open.push(node);
      }
      const parent = parentsOf[node]![nextParent[node]!++];
      if (parent !== undefined) {
        if (seenAt[parent] === UNSEEN) path.push(parent);
        else if (groupOf[parent] === UNSEEN) lowest[node] = Math.min(lowest[node]!, seenAt[parent]!);
        continue;
      }
      path.pop();
      const child = path.at(-1);
      if (child !== undefined) lowest[child] = Math.min(lowest[child]!, lowest[node]!);
      if (lowest[node] === seenAt[node]) closeGroup(open, node, groupOf, groupCount++);
    }
  }
  return membersByGroup(groupOf, groupCount);
}

function closeGroup(open: number[], first: number, groupOf: number[], group: number): void {
  for (let member = open.pop(); member !== undefined; member = open.pop()) {
    groupOf[member] = group;
    if (member === first) return;
  }
}

function membersByGroup(groupOf: number[], groupCount: number): number[][] {
  const members: number[][] = Array.from({ length: groupCount }, () => []);
  for (const [index, group] of groupOf.entries()) members[group]!.push(index);
  return members;
}
