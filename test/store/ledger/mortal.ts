import { connectMongo } from '../../../config/connections.ts';
import { createStore, type Store } from '../../../store/index.ts';

/** At which of its writes a process dies, and whether that write still reaches the database. */
export interface Death {
  atWrite: number;
  carriedOut: boolean;
}

const WRITES = ['updateOne', 'updateMany', 'insertOne', 'insertMany', 'bulkWrite', 'findOneAndUpdate'];
const READS = ['findOne', 'find', 'aggregate', 'countDocuments'];

type Call = (...input: unknown[]) => unknown;

class Died extends Error {}

/**
 * A store of a process of its own that dies at a write: what it has begun stays as it is, and none of its
 * later calls reaches the database. The commit of a transaction counts as a write.
 */
async function openMortal(uri: string, death: Death) {
  const connection = await connectMongo(uri, { poolSize: 4 });
  const store = createStore(connection);
  let writes = 0;
  let dead = false;

  function mortalWrite(owner: object, name: string): void {
    const methods = owner as Record<string, Call>;
    const call = methods[name];
    methods[name] = async (...input: unknown[]) => {
      if (dead) throw new Died();
      writes += 1;
      if (writes < death.atWrite) return call?.apply(owner, input);
      dead = true;
      if (death.carriedOut) await call?.apply(owner, input);
      throw new Died();
    };
  }

  function mortalRead(owner: object, name: string): void {
    const methods = owner as Record<string, Call>;
    const call = methods[name];
    methods[name] = (...input: unknown[]) => {
      if (dead) throw new Died();
      return call?.apply(owner, input);
    };
  }

  for (const { collection } of Object.values(connection.models)) {
    for (const name of WRITES) mortalWrite(collection, name);
    for (const name of READS) mortalRead(collection, name);
  }
  const client = connection.getClient();
  const startSession = client.startSession.bind(client);
  client.startSession = (options) => {
    const session = startSession(options);
    mortalWrite(session, 'commitTransaction');
    return session;
  };
  return { store, close: () => connection.close() };
}

/**
 * Carries an operation out again and again, each time in a world of its own, dying at the first write, the
 * second and so on, before it and after it, until it comes to its end. Behind each death `recover` is called.
 * @returns how many deaths there were.
 */
export async function eachDeath<W>(
  uri: string,
  steps: {
    prepare(): Promise<W>;
    operation(store: Store, world: W): Promise<unknown>;
    recover(world: W, death: Death): Promise<void>;
  },
): Promise<number> {
  for (let deaths = 0; ; deaths += 1) {
    const death = { atWrite: Math.floor(deaths / 2) + 1, carriedOut: deaths % 2 === 1 };
    const world = await steps.prepare();
    const { store, close } = await openMortal(uri, death);
    try {
      const survived = await steps.operation(store, world).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Died) return false;
          throw error;
        },
      );
      await steps.recover(world, death);
      if (survived) return deaths;
    } finally {
      await close();
    }
  }
}
