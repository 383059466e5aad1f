/** First in, first out with constant cost: Array.shift moves every element of a long backlog. */
export class FifoQueue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  take(count: number): T[] {
    const taken: T[] = [];
    while (taken.length < count && this.length > 0) taken.push(this.shift() as T);
    return taken;
  }

  /** Removes and returns all that match, in order. */
  removeWhere(matches: (item: T) => boolean): T[] {
    const all = this.take(this.length);
    const removed = all.filter(matches);
    if (removed.length === 0) this.#items = all;
    else this.#items = all.filter((item) => !matches(item));
    this.#head = 0;
    return removed;
  }
}
