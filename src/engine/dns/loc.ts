/** Where on Earth: the data of LOC records, RFC 1876 §2 and §3. */

const DEGREE = 3_600_000;
/** The equator and the zero meridian, in thousandths of a second of arc. */
const ZERO = 2 ** 31;
/** Centimetres below the reference spheroid at which heights are counted from. */
const BASE_CM = 10_000_000;
/** Size 1 m, horizontal precision 10 km, vertical precision 10 m, in centimetres. */
const DEFAULTS_CM = [100, 1_000_000, 1_000];

/** From the words `51 30 12.748 N 0 7 39.611 W 0.00m 1m 10000m 10m`, minutes and what follows the height may be left out; null: they say no place. */
export function locOctets(words: readonly string[]): Buffer | null {
  const left = [...words];
  const latitude = angle(left, 'N', 'S', 90);
  const longitude = latitude === null ? null : angle(left, 'E', 'W', 180);
  if (latitude === null || longitude === null) return null;
  const [height, ...sizes] = left.map(centimetres);
  if (height === undefined || height === null || sizes.length > 3 || height < -BASE_CM) return null;
  const bytes = Buffer.alloc(16);
  for (const [index, fallback] of DEFAULTS_CM.entries()) {
    const size = index < sizes.length ? sizes[index]! : fallback;
    if (size === null || size < 0 || size > 9e9) return null;
    bytes.writeUInt8(scientific(size), index + 1);
  }
  if (height + BASE_CM > 0xffff_ffff) return null;
  [latitude, longitude, height + BASE_CM].forEach((value, index) => bytes.writeUInt32BE(value, 4 + 4 * index));
  return bytes;
}

/** Degrees, and minutes and seconds if there are, and the side. */
function angle(left: string[], plus: string, minus: string, degreesMax: number): number | null {
  const end = left.findIndex((word) => word.toUpperCase() === plus || word.toUpperCase() === minus);
  if (end < 1 || end > 3) return null;
  const [degrees = '', minutes = '0', seconds = '0'] = left.splice(0, end);
  const side = left.shift()!.toUpperCase();
  if (
    !/^\d{1,3}$/.test(degrees) ||
    !/^\d{1,2}$/.test(minutes) ||
    !/^\d{1,2}(\.\d{1,3})?$/.test(seconds) ||
    Number(minutes) > 59 ||
    Number(seconds) >= 60
  )
    return null;
  const thousandths = Number(degrees) * DEGREE + Number(minutes) * 60_000 + Math.round(Number(seconds) * 1_000);
  if (thousandths > degreesMax * DEGREE) return null;
  return side === plus ? ZERO + thousandths : ZERO - thousandths;
}

function centimetres(word: string): number | null {
  return /^-?\d{1,8}(\.\d{1,2})?m?$/i.test(word) ? Math.round(Number(word.replace(/m$/i, '')) * 100) : null;
}

/** One digit and a power of ten, in a nibble each. */
function scientific(cm: number): number {
  let [digit, power] = [cm, 0];
  while (digit >= 10) [digit, power] = [Math.floor(digit / 10), power + 1];
  return digit * 16 + power;
}
