import { condition, proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(seq: number): Promise<void> }>({
  startToCloseTimeout: '1 minute',
});

/** A no-op activity for each object with a bounded window: what Temporal alone can do on this machine. */
export async function bare(objects: number, window: number): Promise<void> {
  let underWay = 0;
  for (let seq = 0; seq < objects; seq += 1) {
    await condition(() => underWay < window);
    underWay += 1;
    void nothing(seq).then(() => {
      underWay -= 1;
    });
  }
  await condition(() => underWay === 0);
}
