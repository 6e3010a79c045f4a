type Send = <T>(method: string, path: string) => Promise<{ status: number; body: T }>;

/** Each route of forecasts, once with success and once for a budget that is not there. */
export async function useForecastRoutes(send: Send): Promise<void> {
  await send('GET', '/forecasts?queue=mail');
  await send('GET', '/forecasts/history');
  for (const path of ['/forecasts', '/forecasts/history']) await send('GET', `${path}?budget=bud_none`);
}
