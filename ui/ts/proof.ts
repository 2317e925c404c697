// Proof does a little work on a form while somebody fills it in, so that sending
// thousands of them costs a machine something; nobody ever solves a riddle. The hidden
// field carries the form's seal and how many zero bits the SHA-256 of seal, colon and
// number has to begin with. It starts when the form is first touched, in short
// stretches, and is finished before the form is sent. Without scripts the form is sent
// all the same.
//
// The hash is written out here: crypto.subtle is not there on plain http, and asking
// it for one small hash after another is slower.
const stretch = 12; // ms of work before the page gets its turn

export class Proof {
  private next = 0;
  private started = false;

  constructor(private readonly field: HTMLInputElement) {
    const form = field.form;
    if (!form) return;
    for (const touch of ["focusin", "input", "pointerdown"]) {
      form.addEventListener(touch, () => this.start(), { once: true });
    }
    // Less than a second even if nothing was done before; the form is sent after it.
    form.addEventListener("submit", () => this.work(Infinity));
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    const turn = (): void => {
      if (!this.work(stretch)) setTimeout(turn);
    };
    setTimeout(turn);
  }

  // work looks for the number for some time and says whether it is found.
  private work(ms: number): boolean {
    if (this.field.value) return true;
    const seal = this.field.dataset.seal ?? "";
    const bits = Number(this.field.dataset.bits);
    if (!seal || !(bits > 0 && bits <= 24)) return true;
    for (const end = performance.now() + ms; performance.now() < end; ) {
      for (let i = 0; i < 64; i++, this.next++) {
        if (sha256(`${seal}:${this.next}`) >>> (32 - bits) === 0) {
          this.field.value = String(this.next);
          return true;
        }
      }
    }
    return false;
  }
}

// The constants of SHA-256 (FIPS 180-4): fractions of the roots of the first primes.
const constants = new Uint32Array(64);
const initial = new Uint32Array(8);
for (let n = 2, i = 0; i < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
  if (!prime) continue;
  if (i < 8) initial[i] = fraction(Math.sqrt(n));
  constants[i++] = fraction(Math.cbrt(n));
}

function fraction(x: number): number {
  return (x - Math.floor(x)) * 0x100000000;
}

const words = new Uint32Array(64);

// sha256 is the first 32 bits of the hash of an ASCII text.
export function sha256(text: string): number {
  const state = initial.slice();
  const blocks = Math.ceil((text.length + 9) / 64);
  for (let block = 0; block < blocks; block++) {
    words.fill(0, 0, 16);
    for (let i = 0; i < 64; i++) {
      const at = block * 64 + i;
      const byte = at < text.length ? text.charCodeAt(at) : at === text.length ? 0x80 : 0;
      words[i >> 2] = (words[i >> 2] ?? 0) | (byte << (24 - 8 * (i & 3)));
    }
    if (block === blocks - 1) words[15] = text.length * 8;
    mix(state);
  }
  return state[0] ?? 0;
}

function mix(state: Uint32Array): void {
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15] ?? 0;
    const b = words[i - 2] ?? 0;
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    words[i] = (words[i - 16] ?? 0) + low + (words[i - 7] ?? 0) + high;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + (constants[i] ?? 0) + (words[i] ?? 0);
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = (state[i] ?? 0) + value));
}

function turn(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}
