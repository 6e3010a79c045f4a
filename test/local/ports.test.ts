import { createServer } from 'node:net';
import { freePort, reservePort } from '../../local/ports.ts';

describe('a port', () => {
  test('that is preferred and free is taken, and by one of two who want it', async () => {
    const wanted = (await freePort()) ?? 0;
    const first = await reservePort(wanted);
    const second = await reservePort(wanted);
    expect(first.port).toBe(wanted);
    expect(second.port).not.toBe(wanted);
    first.release();
    second.release();
    const third = await reservePort(wanted);
    expect(third.port).toBe(wanted);
    third.release();
  });

  test('on which somebody listens is replaced by a free one', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const taken = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const reserved = await reservePort(taken);
    expect(reserved.port).not.toBe(taken);
    expect(await freePort(reserved.port)).toBe(reserved.port);
    reserved.release();
    listener.close();
  });
});
