import { parseCookie, parseSetCookie, stringifySetCookie } from 'cookie';

export default {
  fetch(request: Request) {
    const cookies = parseCookie(request.headers.get('cookie') ?? '');
    const headers = new Headers();
    const visits = Number(cookies.visits ?? 0) + 1;
    headers.append(
      'set-cookie',
      stringifySetCookie({
        name: 'visits',
        value: `${visits}`,
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
      }),
    );
    headers.append(
      'set-cookie',
      stringifySetCookie({
        name: 'name',
        value: 'São; Rafael',
        maxAge: 60,
        secure: true,
        partitioned: true,
      }),
    );
    let refused = '';
    try {
      stringifySetCookie({ name: 'a b', value: '' });
    } catch (error) {
      refused = (error as Error).message;
    }
    const read = headers.getSetCookie().map((text) => parseSetCookie(text));
    return Response.json({ cookies, read, refused }, { headers });
  },
};
