import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * 32 MB and about 60 ms each, at most four at a time: the pool of threads has no more. The cost is that of
 * better-auth; OWASP's password storage cheat sheet has 2^14 with r = 8 and p = 5 among those that will do.
 */
const COST = { N: 16_384, r: 16, p: 1 };
const MOST_MEMORY = 128 * COST.N * COST.r * 2;
const SALT_BYTES = 16;
const HASH_BYTES = 64;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** As `scrypt$N$r$p$salt$hash`, so that a later cost tells old hashes apart. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await hashOf(password, salt, COST);
  return `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/**
 * Whether it is this password. Without a hash it is not, and it takes as long to say so: nobody learns from
 * the time which addresses are known.
 */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = (stored ?? NOBODY).split('$');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const wanted = Buffer.from(hash, 'base64');
  const found = await hashOf(password, Buffer.from(salt, 'base64'), cost);
  const same = wanted.length === found.length && timingSafeEqual(wanted, found);
  return same && stored !== undefined;
}

const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${'A'.repeat(22)}==$${'A'.repeat(86)}==`;

/** The same letters may be typed as different characters, depending on the keyboard. */
function hashOf(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return derive(password.normalize('NFKC'), salt, HASH_BYTES, { ...cost, maxmem: MOST_MEMORY });
}
