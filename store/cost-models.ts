import type { Connection } from 'mongoose';
import type { Calibration } from '../domain/costing/calibration.ts';
import type { CostModel, CostModelState } from '../domain/costing/cost-model.ts';
import type { AuditLog } from './audit-log.ts';
import { collectionModel, insertEach, isDuplicate, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** One version of an organization's cost model. `_id` = org:version. */
interface CostModelDoc extends CostModel {
  _id: string;
  org: string;
  /**
   * Its place among the versions that were put in force, from 1 on; absent on a proposal. The highest counts,
   * so that one write puts a version in force and takes the one before it out.
   */
  appliedAs?: number;
  proposedBy: string;
  proposedAt: Date;
  appliedBy?: string;
  appliedAt?: Date;
  calibration?: Calibration;
}

export interface CostModelVersion extends Omit<CostModelDoc, '_id' | 'org' | 'appliedAs'> {
  state: CostModelState;
}

export type Applied =
  | { outcome: 'applied'; version: CostModelVersion }
  | { outcome: 'missing' | 'superseded' | 'raced' };

const FIELDS = {
  _id: String,
  org: String,
  version: Number,
  weights: Mixed,
  components: Mixed,
  environments: Mixed,
  defaultMultiplier: Number,
  appliedAs: Number,
  proposedBy: String,
  proposedAt: Date,
  appliedBy: String,
  appliedAt: Date,
  calibration: Mixed,
};

/** Who stands behind what nobody asked for. */
const SYSTEM = 'system';
/** How often somebody else may be faster with the next version. */
const MAX_RACES = 10;
const WAS_APPLIED = { appliedAs: { $gt: 0 } };

/** Cost models, a row for each version. What a version says never changes, only whether it was applied. */
export function costModelStore(connection: Connection, first: CostModel, audit: AuditLog) {
  const model = collectionModel<CostModelDoc>(connection, 'cost_models', FIELDS, [
    [{ org: 1, version: -1 }, { unique: true }],
    [
      { org: 1, appliedAs: -1 },
      { unique: true, partialFilterExpression: WAS_APPLIED },
    ],
  ]);
  const idOf = (org: string, version: number) => `${org}:${version}`;

  /** The version in force. The first time `first` is stored as version 1. */
  async function inForce(org: string): Promise<CostModelDoc> {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const doc = await model
        .findOne({ org, ...WAS_APPLIED })
        .sort({ appliedAs: -1 })
        .lean<CostModelDoc>();
      if (doc !== null) return doc;
      const at = new Date();
      const { version } = first;
      const by = { proposedBy: SYSTEM, proposedAt: at, appliedBy: SYSTEM, appliedAt: at };
      await insertEach(model, [{ _id: idOf(org, version), org, ...first, appliedAs: 1, ...by }]);
    }
    throw new Error(`the organization ${org} has no cost model in force`);
  }

  return {
    model,
    /** The version in force. */
    async current(org: string): Promise<CostModelVersion> {
      const doc = await inForce(org);
      return fromCostModelDoc(doc, doc);
    },
    async list(org: string, request: PageRequest): Promise<Page<CostModelVersion>> {
      const current = await inForce(org);
      const page = await pageOf<CostModelDoc>(model, { org }, { field: 'version', order: -1 }, request);
      return { ...page, rows: page.rows.map((doc) => fromCostModelDoc(doc, current)) };
    },
    /** Stores the next version as a proposal. */
    async propose(
      org: string,
      proposal: Omit<CostModel, 'version'> & { calibration?: Calibration },
      proposedBy: string,
    ): Promise<CostModelVersion> {
      const current = await inForce(org);
      for (let attempt = 0; attempt < MAX_RACES; attempt += 1) {
        const last = await model.findOne({ org }, { version: 1 }).sort({ version: -1 }).lean<CostModelDoc>();
        const version = (last?.version ?? current.version) + 1;
        const doc = {
          _id: idOf(org, version),
          org,
          ...proposal,
          version,
          proposedBy,
          proposedAt: new Date(),
        };
        const [inserted] = await insertEach(model, [doc]);
        if (inserted === true) return fromCostModelDoc(doc, current);
      }
      throw new Error(`too many cost models of ${org} are proposed at once`);
    },
    /**
     * Puts a proposal in force; the version before becomes superseded by the same write. Again the same
     * changes nothing. `raced`: another version was put in force in between.
     */
    async apply(org: string, version: number, appliedBy: string): Promise<Applied> {
      const found = await model.findOne({ _id: idOf(org, version), org }).lean<CostModelDoc>();
      // Read after it, so that what was put in force before and is not now has been superseded for good.
      const before = await inForce(org);
      if (before.version === version) return told(before);
      if (found === null) return { outcome: 'missing' };
      if (found.appliedAs !== undefined) return { outcome: 'superseded' };
      const change = { appliedAs: (before.appliedAs ?? 0) + 1, appliedBy, appliedAt: new Date() };
      if (await putInForce(found, change)) return told({ ...found, ...change });
      const now = await inForce(org);
      return now.version === version ? told(now) : { outcome: 'raced' };
    },
  };

  /**
   * After it, as the index alone says who was first: two transactions might each put a version in force. Who
   * applies a version again finds it untold after a crash, and tells it.
   */
  async function told(doc: CostModelDoc): Promise<Applied> {
    const { _id, org, version, appliedBy: by = SYSTEM, appliedAt: at = new Date() } = doc;
    const row = { _id: `cost_model:${_id}`, org, budget: '', subject: String(version), by, at };
    await audit.add([{ ...row, event: 'cost_model', details: { applied: version } }]);
    return { outcome: 'applied', version: fromCostModelDoc(doc, doc) };
  }

  async function putInForce(doc: CostModelDoc, change: object): Promise<boolean> {
    const filter = { _id: doc._id, org: doc.org, appliedAs: { $exists: false } };
    try {
      return (await model.updateOne(filter, { $set: change })).modifiedCount === 1;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return false;
    }
  }
}

function fromCostModelDoc(doc: CostModelDoc, current: CostModelDoc): CostModelVersion {
  const { _id, org: _org, appliedAs, ...rest } = doc;
  return { ...rest, state: stateOf(appliedAs, _id === current._id) };
}

function stateOf(appliedAs: number | undefined, isCurrent: boolean): CostModelState {
  if (appliedAs === undefined) return 'proposed';
  return isCurrent ? 'applied' : 'superseded';
}
