// React on the server: a page of some 1,000 elements as text.
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server.edge';

const Row = ({ item }) =>
  h(
    'li',
    { className: item.on ? 'on' : 'off', 'data-id': item.id },
    h('a', { href: `/items/${item.id}` }, item.name),
    h('span', { style: { color: 'red', marginLeft: 4 } }, `${item.price} €`),
    h('button', { type: 'button', disabled: !item.on }, 'Buy'),
  );

const List = ({ items }) =>
  h(
    'main',
    null,
    h('h1', null, 'Items'),
    h('ul', null, ...items.map((item) => h(Row, { item, key: item.id }))),
  );

const items = Array.from({ length: 250 }, (_, id) => ({
  id,
  name: `Thing "${id}" & more`,
  price: id * 1.5,
  on: id % 3 > 0,
}));

function react(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += renderToString(h(List, { items })).length;
  return sum;
}

export const ssr = { react };
