import i18next from 'i18next';

const en = {
  ship_one: '{{count}} ship',
  ship_other: '{{count}} ships',
  place_ordinal_one: '{{count}}st',
  place_ordinal_two: '{{count}}nd',
  place_ordinal_few: '{{count}}rd',
  place_ordinal_other: '{{count}}th',
  price: '{{value, currency(EUR)}}',
  deep: { port: 'To $t(name), {{who}}' },
  name: 'Goa',
};
const pl = {
  ship_one: '{{count}} statek',
  ship_few: '{{count}} statki',
  ship_many: '{{count}} statków',
};
const i18n = i18next.createInstance();
const ready = i18n.init({
  fallbackLng: 'en',
  resources: { en: { translation: en }, pl: { translation: pl } },
  showSupportNotice: false,
});

export default {
  async fetch(request: Request) {
    await ready;
    const t = i18n.getFixedT(new URL(request.url).searchParams.get('lng') ?? 'en');
    return Response.json({
      ships: [1, 2, 5, 22].map((count) => t('ship', { count })),
      places: [1, 2, 3, 11].map((count) => t('place', { count, ordinal: true })),
      price: t('price', { value: 1234.5 }),
      port: t('deep.port', { who: '<Ana>' }),
      missing: t('none', 'a default'),
    });
  },
};
