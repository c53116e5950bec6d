import { AutoRouter, error, type IRequest, withContent, withParams } from 'itty-router';

const books = new Map([['dune', { title: 'Dune', year: 1965 }]]);

const onlyAdmins = (request: IRequest) => {
  if (request.headers.get('x-role') !== 'admin') return error(403, 'admins only');
};

const router = AutoRouter({ base: '/v1', before: [withParams] });

router
  .get('/books', () => [...books.values()])
  .get('/books/:key', ({ key }) => books.get(key) ?? error(404, `no book ${key}`))
  .get('/search/:where+', ({ params, query }) => ({ params, query }))
  .post('/echo', withContent, ({ content }) => ({ content }))
  .delete('/books/:key', onlyAdmins, ({ key }) => ({ deleted: key }))
  .get('/bug', () => {
    throw new Error('a bug');
  });

export default { ...router };
