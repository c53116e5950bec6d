import { Webhooks } from '@octokit/webhooks';
import { Octokit, RequestError } from 'octokit';

interface Env {
  ORIGIN: string;
}

const webhooks = new Webhooks({ secret: 'segredo' });

export default {
  async fetch(request: Request, env: Env) {
    if (request.method === 'POST') {
      const opened: string[] = [];
      webhooks.on('issues.opened', ({ payload }) => void opened.push(payload.issue.title));
      const good = await webhooks
        .verifyAndReceive({
          id: request.headers.get('x-github-delivery') ?? '',
          name: request.headers.get('x-github-event') as 'issues',
          payload: await request.text(),
          signature: request.headers.get('x-hub-signature-256') ?? '',
        })
        .then(
          () => true,
          () => false,
        );
      return Response.json({ good, opened }, { status: good ? 200 : 400 });
    }
    const octokit = new Octokit({ auth: 'token', baseUrl: env.ORIGIN, retry: { enabled: false } });
    const issues = await octokit.paginate(octokit.rest.issues.listForRepo, {
      owner: 'a',
      repo: 'b',
      per_page: 2,
    });
    const refused = await octokit
      .request('GET /repos/{owner}/{repo}', { owner: 'a', repo: 'none' })
      .catch((error) => error instanceof RequestError && [error.status, error.message]);
    const { viewer } = await octokit.graphql<{ viewer: unknown }>(
      'query($n: Int) { viewer(n: $n) }',
      { n: 3 },
    );
    return Response.json({ issues: issues.map(({ title }) => title), refused, viewer });
  },
};
