import * as cheerio from 'cheerio';

export default {
  async fetch(request: Request) {
    const $ = cheerio.load(await request.text());
    const links = $('a[href^="/"]')
      .map((_, link) => $(link).attr('href'))
      .get();
    const table = $('table tr')
      .toArray()
      .map((row) =>
        $(row)
          .find('td')
          .toArray()
          .map((cell) => $(cell).text().trim()),
      );
    const data = $.extract({ title: 'h1', ports: [{ selector: 'li', value: 'data-port' }] });
    $('h1').addClass('big').append(' <i>now</i>');
    $('script').remove();
    return Response.json({
      links,
      table,
      data,
      title: $('title').text(),
      body: $('body').html()?.replaceAll(/\s+/g, ' ').trim(),
      form: $('form').serializeArray(),
    });
  },
};
