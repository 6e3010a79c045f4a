type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

/** What looks back over costs, once with success. */
export async function useReportRoutes(send: Send): Promise<void> {
  await send('GET', '/reports');
}
