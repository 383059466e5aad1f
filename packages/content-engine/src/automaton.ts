/**
 * Aho-Corasick automaton over UTF-16 units in a double array: one transition is two typed-array reads, the whole
 * pass is at most two steps per unit plus one per word reported. ASCII letters match without regard to case.
 */
export type Automaton = {
  readonly classOf: Uint16Array;
  readonly base: Int32Array;
  readonly check: Int32Array;
  readonly fail: Int32Array;
  /** State → word that ends there, or -1. */
  readonly word: Int32Array;
  /** State → nearest state on its failure path where a word ends, or 0. */
  readonly output: Int32Array;
};

/** Words found, as parallel lists reused between calls; `ends` are exclusive. */
export type Hits = { words: Int32Array; ends: Uint32Array; count: number };

type Trie = {
  firstChild: Int32Array;
  sibling: Int32Array;
  label: Uint16Array;
  word: Int32Array;
  size: number;
};

/** Builds the automaton; the number of a word is its index. Empty and repeated words are the caller's mistake. */
export function buildAutomaton(words: readonly string[]): Automaton {
  const { classOf, classes } = classify(words);
  const trie = buildTrie(words, classOf);
  return layOut(trie, classOf, classes);
}

/**
 * Reports every occurrence of every word in `units[0..length)`, in order of their ends.
 * @returns the number of automaton steps taken.
 */
export function findWords(automaton: Automaton, units: Uint16Array, length: number, hits: Hits): number {
  const { classOf, base, check, fail, word, output } = automaton;
  hits.count = 0;
  let state = 0;
  let steps = 0;
  for (let i = 0; i < length; i++) {
    const label = classOf[units[i]!]!;
    steps++;
    if (label === 0) {
      state = 0;
      continue;
    }
    let next = base[state]! + label;
    while (check[next] !== state && state !== 0) {
      state = fail[state]!;
      next = base[state]! + label;
      steps++;
    }
    if (check[next] !== state) continue;
    state = next;
    for (let at = word[state]! >= 0 ? state : output[state]!; at !== 0; at = output[at]!) {
      if (hits.count === hits.words.length) growHits(hits);
      hits.words[hits.count] = word[at]!;
      hits.ends[hits.count++] = i + 1;
      steps++;
    }
  }
  return steps;
}

export function newHits(): Hits {
  return { words: new Int32Array(64), ends: new Uint32Array(64), count: 0 };
}

function growHits(hits: Hits): void {
  const words = new Int32Array(hits.words.length * 2);
  words.set(hits.words);
  const ends = new Uint32Array(hits.ends.length * 2);
  ends.set(hits.ends);
  hits.words = words;
  hits.ends = ends;
}

/** Units get dense classes in order of frequency, so that the double array packs tightly. 0: in no word. */
function classify(words: readonly string[]): { classOf: Uint16Array; classes: number } {
  const counts = new Map<number, number>();
  for (const word of words) {
    for (let i = 0; i < word.length; i++) {
      const unit = lowerCase(word.charCodeAt(i));
      counts.set(unit, (counts.get(unit) ?? 0) + 1);
    }
  }
  const classOf = new Uint16Array(0x10000);
  const frequent = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  frequent.forEach(([unit], index) => {
    classOf[unit] = index + 1;
    if (unit >= 0x61 && unit <= 0x7a) classOf[unit - 0x20] = index + 1;
  });
  return { classOf, classes: frequent.length };
}

function lowerCase(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}

function buildTrie(words: readonly string[], classOf: Uint16Array): Trie {
  let capacity = 1;
  for (const word of words) capacity += word.length;
  const trie: Trie = {
    firstChild: new Int32Array(capacity),
    sibling: new Int32Array(capacity),
    label: new Uint16Array(capacity),
    word: new Int32Array(capacity).fill(-1),
    size: 1,
  };
  // The root may have thousands of children; a direct table keeps the build linear there.
  const rootChild = new Int32Array(0x10000);
  words.forEach((word, index) => {
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const label = classOf[word.charCodeAt(i)]!;
      node = i === 0 ? rootNode(trie, rootChild, label) : childNode(trie, node, label);
    }
    trie.word[node] = index;
  });
  return trie;
}

function rootNode(trie: Trie, rootChild: Int32Array, label: number): number {
  if (rootChild[label] === 0) rootChild[label] = addNode(trie, 0, label);
  return rootChild[label]!;
}

function childNode(trie: Trie, parent: number, label: number): number {
  for (let child = trie.firstChild[parent]!; child !== 0; child = trie.sibling[child]!) {
    if (trie.label[child] === label) return child;
  }
  return addNode(trie, parent, label);
}

function addNode(trie: Trie, parent: number, label: number): number {
  const node = trie.size++;
  trie.label[node] = label;
  trie.sibling[node] = trie.firstChild[parent]!;
  trie.firstChild[parent] = node;
  return node;
}

/** Places the children of each node, breadth first, into the first gap that takes them all; then links failures. */
function layOut(trie: Trie, classOf: Uint16Array, classes: number): Automaton {
  let capacity = Math.max(2 * trie.size + classes + 2, 64);
  let base = new Int32Array(capacity);
  let check = new Int32Array(capacity).fill(-1);
  let lowestFree = 1;
  const place = new Int32Array(trie.size);
  const queue = new Int32Array(trie.size);
  let tail = 1;
  const labels: number[] = [];
  check[0] = 0;
  for (let head = 0; head < tail; head++) {
    const node = queue[head]!;
    labels.length = 0;
    for (let child = trie.firstChild[node]!; child !== 0; child = trie.sibling[child]!)
      labels.push(trie.label[child]!);
    const state = place[node]!;
    if (labels.length === 0) {
      // A leaf's transitions must miss: slot 0 + label is owned by another state or by none.
      base[state] = 0;
      continue;
    }
    const smallest = Math.min(...labels);
    while (check[lowestFree] !== -1 && lowestFree < capacity - 1) lowestFree++;
    let offset = Math.max(lowestFree - smallest, 0);
    while (!fits(check, offset, labels)) offset++;
    if (offset + classes + 1 >= capacity) {
      capacity = 2 * (offset + classes + 1);
      base = widen(base, capacity, 0);
      check = widen(check, capacity, -1);
    }
    base[state] = offset;
    for (let child = trie.firstChild[node]!; child !== 0; child = trie.sibling[child]!) {
      const slot = offset + trie.label[child]!;
      check[slot] = state;
      place[child] = slot;
      queue[tail++] = child;
    }
  }
  let used = 0;
  for (const slot of place) used = Math.max(used, slot);
  const size = used + classes + 2;
  base = base.length < size ? widen(base, size, 0) : base.slice(0, size);
  check = check.length < size ? widen(check, size, -1) : check.slice(0, size);
  return { classOf, base, check, ...linkFailures(trie, place, queue, base, check) };
}

function fits(check: Int32Array, offset: number, labels: readonly number[]): boolean {
  for (const label of labels) {
    const owner = check[offset + label];
    if (owner !== undefined && owner !== -1) return false;
  }
  return true;
}

function widen(from: Int32Array, size: number, filler: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(size).fill(filler);
  wider.set(from);
  return wider;
}

function linkFailures(trie: Trie, place: Int32Array, queue: Int32Array, base: Int32Array, check: Int32Array) {
  const fail = new Int32Array(base.length);
  const output = new Int32Array(base.length);
  const word = new Int32Array(base.length).fill(-1);
  for (let node = 0; node < trie.size; node++) word[place[node]!] = trie.word[node]!;
  for (const node of queue) {
    const state = place[node]!;
    for (let child = trie.firstChild[node]!; child !== 0; child = trie.sibling[child]!) {
      const label = trie.label[child]!;
      const target = place[child]!;
      if (state !== 0) {
        let at = fail[state]!;
        while (at !== 0 && check[base[at]! + label] !== at) at = fail[at]!;
        const next = base[at]! + label;
        fail[target] = check[next] === at ? next : 0;
      }
      const failing = fail[target]!;
      output[target] = word[failing]! >= 0 ? failing : output[failing]!;
    }
  }
  return { fail, output, word };
}
