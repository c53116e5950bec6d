import _ from 'lodash';

interface Voyage {
  captain: string;
  ships: number;
  ports: string[];
}

export default {
  async fetch(request: Request) {
    const voyages = (await request.json()) as Voyage[];
    let calls = 0;
    const once = _.once(() => ++calls);
    once();
    return Response.json({
      byCaptain: _.mapValues(_.groupBy(voyages, 'captain'), (list) => _.sumBy(list, 'ships')),
      ports: _(voyages).flatMap('ports').uniq().sortBy().value(),
      most: _.maxBy(voyages, 'ships')?.captain,
      merged: _.merge({ a: { b: [1, 2] } }, { a: { b: [3], c: 4 } }),
      cloned: _.isEqual(_.cloneDeep(voyages), voyages),
      camel: _.camelCase('São Jorge da Mina'),
      chunks: _.chunk(_.range(7), 3),
      got: _.get(voyages, '[1].ports[0]', 'none'),
      calls: once(),
      escaped: _.escape('<a & b>'),
    });
  },
};
