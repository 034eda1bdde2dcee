/** Numbers of which the smallest is taken first (a binary heap). */
export class SmallestFirst {
  private readonly heap: number[];

  constructor(numbers: readonly number[]) {
    // What is sorted is a heap.
    this.heap = [...numbers].sort((a, b) => a - b);
  }

  add(number: number): void {
    let at = this.heap.length;
    for (let above = (at - 1) >> 1; at > 0 && this.at(above) > number; above = (at - 1) >> 1) {
      this.heap[at] = this.at(above);
      at = above;
    }
    this.heap[at] = number;
  }

  take(): number | undefined {
    const [first] = this.heap;
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const below = this.at(left + 1) < this.at(left) ? left + 1 : left;
      if (this.at(below) >= last) break;
      this.heap[at] = this.at(below);
      at = below;
    }
    this.heap[at] = last;
    return first;
  }

  private at(index: number): number {
    return this.heap[index] ?? Number.POSITIVE_INFINITY;
  }
}
