import type { Connection } from 'mongoose';
import { collectionModel } from './model.ts';

interface InstallationSecret {
  _id: string;
  value: string;
  createdAt: Date;
}

/** What all processes of one installation share where the environment brings nothing: of no organization. */
export function installationSecretStore(connection: Connection) {
  const model = collectionModel<InstallationSecret>(
    connection,
    'installation_secrets',
    { _id: String, value: String, createdAt: Date },
    [],
  );
  return {
    model,
    /** The one that is kept under a name; the first who asks brings it. */
    async keep(name: string, value: string): Promise<string> {
      await model.updateOne(
        { _id: name },
        { $setOnInsert: { value, createdAt: new Date() } },
        { upsert: true },
      );
      const kept = await model.findOne({ _id: name }).lean<InstallationSecret>();
      if (kept === null) throw new Error(`the secret ${name} was just kept and is gone`);
      return kept.value;
    },
  };
}
