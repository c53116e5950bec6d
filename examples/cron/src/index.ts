// Looks every quarter of an hour whether sites are up, and shows what it found.
// `caravel cron run cron` has it look at once.
interface Env {
  /** With spaces between. */
  readonly SITES: string;
  readonly REPORTS: KVNamespace;
}

interface Finding {
  readonly site: string;
  readonly up: boolean;
  readonly said: string;
}

async function look(site: string): Promise<Finding> {
  try {
    const answer = await fetch(site, { signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    return { site, up: answer.ok, said: `${answer.status}` };
  } catch (error) {
    return { site, up: false, said: `${error}` };
  }
}

export default {
  async scheduled(controller: ScheduledController, env: Env): Promise<void> {
    const findings = await Promise.all(env.SITES.split(' ').map(look));
    const report = { at: new Date(controller.scheduledTime).toISOString(), findings };
    await env.REPORTS.put('latest', JSON.stringify(report));
    for (const { site, said } of findings.filter(({ up }) => !up))
      console.error(`${site} is down: ${said}`);
  },

  async fetch(_request: Request, env: Env): Promise<Response> {
    const report = await env.REPORTS.get('latest');
    if (!report) return new Response('nobody has looked yet\n', { status: 404 });
    return new Response(report, { headers: { 'content-type': 'application/json' } });
  },
};
