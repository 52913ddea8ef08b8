// @ts-check
/**
 * NumPy's random permutations, so that windows are taken in the order in which Python takes them:
 * `numpy.random.default_rng((seed, start, epoch)).permutation(count)`.
 *
 * Sources: M. E. O'Neill, PCG (2014), its variant XSL RR 128/64; the same, "Developing a seed_seq
 * alternative" (2015); NumPy's documentation of SeedSequence and PCG64. Tests hold it against NumPy.
 */

const BITS_32 = 0xffffffffn;
const BITS_64 = (1n << 64n) - 1n;
const BITS_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
/** How many words of 32 bits the pool of a seed has. */
const POOL = 4;

/**
 * Return a random order.
 *
 * @param {number[]} seed whole numbers from 0 to 2³² − 1, at most four
 * @param {number} count
 * @returns {Int32Array} the numbers from 0 to count − 1
 */
export function permutation(seed, count) {
  const next = generatorOf(seed);
  const order = Int32Array.from({ length: count }, (_, k) => k);
  for (let last = count - 1; last > 0; last--) {
    // Numbers that are too large are drawn again, so that each place is equally likely.
    const mask = 2 ** (32 - Math.clz32(last)) - 1;
    let place = next() & mask;
    while (place > last) place = next() & mask;
    const taken = order[place];
    order[place] = order[last];
    order[last] = taken;
  }
  return order;
}

/**
 * Return a PCG64 generator of numbers of 32 bits: the lower half of each of 64 first.
 *
 * @param {number[]} seed
 * @returns {() => number}
 */
function generatorOf(seed) {
  const [high, low, sequenceHigh, sequenceLow] = wordsOf(seed);
  const increment = ((((sequenceHigh << 64n) | sequenceLow) << 1n) | 1n) & BITS_128;
  const step = (/** @type {bigint} */ state) => (state * MULTIPLIER + increment) & BITS_128;
  let state = step((step(0n) + ((high << 64n) | low)) & BITS_128);
  /** @type {number | null} */
  let upper = null;
  return () => {
    if (upper !== null) {
      const kept = upper;
      upper = null;
      return kept;
    }
    state = step(state);
    const turn = state >> 122n;
    const mixed = (state >> 64n) ^ (state & BITS_64);
    const drawn = ((mixed >> turn) | (mixed << (64n - turn))) & BITS_64;
    upper = Number(drawn >> 32n);
    return Number(drawn & BITS_32);
  };
}

/**
 * Spread a seed over four words of 64 bits, as NumPy's SeedSequence does.
 *
 * @param {number[]} seed
 * @returns {bigint[]}
 */
function wordsOf(seed) {
  const hash = hashing(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: POOL }, (_, k) => hash(seed[k] ?? 0));
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) {
      if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
    }
  }
  const draw = hashing(0x8b51f9dd, 0x58f38ded);
  const halves = Array.from({ length: 2 * POOL }, (_, k) => BigInt(draw(pool[k % POOL])));
  return Array.from({ length: POOL }, (_, k) => (halves[2 * k + 1] << 32n) | halves[2 * k]);
}

/**
 * Return a hash of words of 32 bits, which differs from call to call.
 *
 * @param {number} constant
 * @param {number} multiplier
 * @returns {(word: number) => number}
 */
function hashing(constant, multiplier) {
  let now = constant;
  return (word) => {
    const mixed = word ^ now;
    now = Math.imul(now, multiplier);
    return shifted(Math.imul(mixed, now));
  };
}

/**
 * @param {number} x
 * @param {number} y
 */
function mix(x, y) {
  return shifted(Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715));
}

/** @param {number} word */
function shifted(word) {
  return (word ^ (word >>> 16)) >>> 0;
}
