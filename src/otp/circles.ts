// Who reaches whom and is reached back (Tarjan's strongly connected components), without a call for each step of a way.

/**
 * `edges`: of each vertex those that it leads to, by their number. Each circle in the order of the numbers; a vertex that is in none is
 * one of its own. `circleOf`: of each vertex the place of its circle.
 */
export function circlesOf(edges: readonly (readonly number[])[]): { circles: number[][]; circleOf: number[] } {
  const seen = new Array<number>(edges.length).fill(-1);
  const lowest = new Array<number>(edges.length).fill(0);
  const circleOf = new Array<number>(edges.length).fill(-1);
  const circles: number[][] = [];
  const open: number[] = [];
  let count = 0;
  const lower = (vertex: number, to: number): void => {
    lowest[vertex] = Math.min(lowest[vertex] ?? to, to);
  };
  const close = (vertex: number): void => {
    if (lowest[vertex] !== seen[vertex]) return;
    const circle = open.splice(open.lastIndexOf(vertex));
    for (const it of circle) circleOf[it] = circles.length;
    circles.push(circle.sort((a, b) => a - b));
  };
  for (let start = 0; start < edges.length; start += 1) {
    if (seen[start] !== -1) continue;
    const way = [{ vertex: start, next: 0 }];
    for (let at = way.at(-1); at !== undefined; at = way.at(-1)) {
      const { vertex } = at;
      if (at.next === 0) {
        seen[vertex] = count;
        lowest[vertex] = count;
        count += 1;
        open.push(vertex);
      }
      const to = edges[vertex]?.[at.next];
      at.next += 1;
      if (to === undefined) {
        way.pop();
        close(vertex);
        const above = way.at(-1);
        if (above !== undefined) lower(above.vertex, lowest[vertex] ?? 0);
      } else if (seen[to] === -1) way.push({ vertex: to, next: 0 });
      else if (circleOf[to] === -1) lower(vertex, seen[to] ?? 0);
    }
  }
  return { circles, circleOf };
}
