import type { Output } from './output.ts';

/** A bar of what is done of a total, where somebody looks. `format` as cli-progress has it. */
export async function showBar(output: Output, total: number, format: string) {
  const { SingleBar, Presets } = (await import('cli-progress')).default;
  const bar = output.live
    ? new SingleBar({ stream: process.stderr, clearOnComplete: true, format }, Presets.shades_classic)
    : undefined;
  bar?.start(Math.max(1, total), 0, { left: '' });
  return {
    set: (done: number, words: object) => bar?.update(done, words),
    /** Counts the bytes that pass. */
    passing: () =>
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bar?.increment(chunk.length);
          controller.enqueue(chunk);
        },
      }),
    close: () => bar?.stop(),
  };
}
