// Writes the indexes of the Encoding Standard as C++, see encoding_indexes.h:
//
//   node --expose-internals make_encoding_indexes.mjs OUT.cc
//
// Run with the pinned Node, whose TextDecoder and ICU know nearly all of them.
// Where ICU's tables are not the standard's, the difference is stated here:
// private-use code points that ICU assigns are none in the standard, and Big5
// takes what neither "big5-hkscs" nor "windows-950" has from a list below.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { internalBinding } = require('internal/test/binding');
const icu = internalBinding('icu');

const singleByteEncodings = [
  'ibm866',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-8-i',
  'iso-8859-10',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'iso-8859-16',
  'koi8-r',
  'koi8-u',
  'macintosh',
  'windows-874',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'x-mac-cyrillic',
];

// index-big5.txt, the entries that ICU has not, as [pointer, code point].
const big5Additions = [
  [1008, 0x9f97],
  [1016, 0x9f96],
  [1099, 0x31c0],
  [1100, 0x31c1],
  [1101, 0x31c2],
  [1102, 0x31c3],
  [1103, 0x31c4],
  [1105, 0x31c5],
  [1108, 0x31c6],
  [1109, 0x31c7],
  [1112, 0x31c8],
  [1114, 0x31c9],
  [1115, 0x31ca],
  [1116, 0x31cb],
  [1117, 0x31cc],
  [1119, 0x31cd],
  [1120, 0x31ce],
  [1170, 0x23da],
  [1171, 0x23db],
  [1730, 0x9fa6],
  [1772, 0x9fa7],
  [1779, 0x9fa8],
  [1812, 0x9fa9],
  [1814, 0x9faa],
  [1816, 0x9fab],
  [1821, 0x9fac],
  [1844, 0x9fad],
  [1845, 0x9fae],
  [1847, 0x9faf],
  [1866, 0x9fb2],
  [1892, 0x9fb3],
  [2082, 0x7bb8],
  [2088, 0x7c06],
  [2103, 0x7cce],
  [2114, 0x7dd2],
  [2123, 0x7e1d],
  [2148, 0x8005],
  [2151, 0x8028],
  [2221, 0x83c1],
  [2239, 0x84a8],
  [2244, 0x840f],
  [2303, 0x89a6],
  [2304, 0x89a9],
  [2354, 0x8d77],
  [2400, 0x90fd],
  [2413, 0x92b9],
  [2477, 0x975c],
  [2498, 0x97ff],
  [2605, 0x9f16],
  [2673, 0x8503],
  [2746, 0x5159],
  [2747, 0x515b],
  [2748, 0x515d],
  [2749, 0x515e],
  [2771, 0x936e],
  [2780, 0x7479],
  [2990, 0x6d67],
  [3087, 0x799b],
  [3259, 0x9097],
  [3301, 0x975d],
  [3436, 0x701e],
  [3451, 0x5b28],
  [4136, 0x7201],
  [4138, 0x77d7],
  [4141, 0x7e87],
  [4182, 0x99d6],
  [4206, 0x91d4],
  [4220, 0x60de],
  [4230, 0x6fb6],
  [4241, 0x8f36],
  [4258, 0x4fbb],
  [4273, 0x71df],
  [4279, 0x9104],
  [4282, 0x9df0],
  [4294, 0x83cf],
  [4329, 0x5c10],
  [4330, 0x79e3],
  [4349, 0x5a67],
  [4419, 0x8f0b],
  [4422, 0x7b51],
  [4494, 0x62d0],
  [4624, 0x6062],
  [4694, 0x75f9],
  [4708, 0x6c4a],
  [4742, 0x9b2e],
  [4748, 0x9f17],
  [4815, 0x50ed],
  [4828, 0x5f0c],
  [4902, 0x880f],
  [4922, 0x62ce],
  [4982, 0x7468],
  [4992, 0x7162],
  [4997, 0x7250],
  [5432, 0x2400],
  [5433, 0x2401],
  [5434, 0x2402],
  [5435, 0x2403],
  [5436, 0x2404],
  [5437, 0x2405],
  [5438, 0x2406],
  [5439, 0x2407],
  [5440, 0x2408],
  [5441, 0x2409],
  [5442, 0x240a],
  [5443, 0x240b],
  [5444, 0x240c],
  [5445, 0x240d],
  [5446, 0x240e],
  [5447, 0x240f],
  [5448, 0x2410],
  [5449, 0x2411],
  [5450, 0x2412],
  [5451, 0x2413],
  [5452, 0x2414],
  [5453, 0x2415],
  [5454, 0x2416],
  [5455, 0x2417],
  [5456, 0x2418],
  [5457, 0x2419],
  [5458, 0x241a],
  [5459, 0x241b],
  [5460, 0x241c],
  [5461, 0x241d],
  [5462, 0x241e],
  [5463, 0x241f],
  [5464, 0x2421],
  [10942, 0x5ef4],
  [10946, 0x65e0],
  [10948, 0x7676],
  [10950, 0x96b6],
  [10957, 0x3003],
  [10958, 0x4edd],
  [11204, 0x31cf],
  [11210, 0x9fb0],
  [11212, 0x9fb1],
  [19028, 0x5029],
  [19035, 0x507d],
  [19088, 0x5305],
  [19096, 0x5344],
  [19112, 0x537f],
  [19162, 0x5605],
  [19240, 0x5a77],
  [19299, 0x5e75],
  [19305, 0x5ed0],
  [19326, 0x5f58],
  [19355, 0x60a4],
  [19398, 0x6490],
  [19439, 0x6674],
  [19454, 0x675e],
  [19553, 0x6c9c],
  [19554, 0x6e1d],
  [19557, 0x6e2f],
  [19611, 0x716e],
  [19643, 0x732a],
  [19672, 0x745c],
  [19697, 0x74e9],
  [19748, 0x7809],
];

// The one code point that ICU's converter makes of the bytes, else 0.
function pointOf(converter, bytes) {
  const flushAndFatal = 3;
  let text;
  try {
    const handle = icu.getConverter(converter, flushAndFatal);
    text = icu.decode(handle, Uint8Array.from(bytes), 1, converter);
  } catch {
    return 0;
  }
  const point = text.codePointAt(0) ?? 0;
  return text.length === (point > 0xffff ? 2 : 1) ? point : 0;
}

const isPrivateUse = (point) => point >= 0xe000 && point < 0xf900;

// How many pointers a lead byte has, and where their trail bytes begin: a first
// run of 63 from 0x40, the others from `second`.
const bytesOf = (pointer, { trails, second, lead = 0x81, jumpAt = 0x100, jump = 0 }) => {
  const first = Math.floor(pointer / trails) + lead;
  const trail = pointer % trails;
  return [
    first >= jumpAt ? first + jump : first,
    trail < 0x3f ? trail + 0x40 : trail - 0x3f + second,
  ];
};

const index = (size, point) => Array.from({ length: size }, (_, pointer) => point(pointer));
const withoutPrivateUse = (point) => (isPrivateUse(point) ? 0 : point);

const gb18030 = index(126 * 190, (pointer) =>
  pointOf('gb18030', bytesOf(pointer, { trails: 190, second: 0x80 })),
);

const eucKr = index(126 * 190, (pointer) =>
  withoutPrivateUse(
    pointOf('windows-949-2000', [Math.floor(pointer / 190) + 0x81, (pointer % 190) + 0x41]),
  ),
);

const jis0208 = index(188 * 60, (pointer) =>
  withoutPrivateUse(
    pointOf('shift_jis', bytesOf(pointer, { trails: 188, second: 0x80, jumpAt: 0xa0, jump: 0x40 })),
  ),
);

const jis0212 = index(82 * 94, (pointer) =>
  pointOf('euc-jp', [0x8f, Math.floor(pointer / 94) + 0xa1, (pointer % 94) + 0xa1]),
);

const big5 = index(126 * 157, (pointer) => {
  const bytes = bytesOf(pointer, { trails: 157, second: 0xa1 });
  return (
    withoutPrivateUse(pointOf('big5-hkscs', bytes)) ||
    withoutPrivateUse(pointOf('windows-950-2000', bytes))
  );
});
for (const [pointer, point] of big5Additions) big5[pointer] = point;

// [pointer, code point] where a run begins, for the four-byte sequences that
// stand for the Basic Multilingual Plane.
const gb18030Ranges = [];
for (let pointer = 0, expected = -1; pointer < 39420; ++pointer, ++expected) {
  const point = pointOf('gb18030', [
    Math.floor(pointer / 12600) + 0x81,
    (Math.floor(pointer / 1260) % 10) + 0x30,
    (Math.floor(pointer / 10) % 126) + 0x81,
    (pointer % 10) + 0x30,
  ]);
  if (point !== expected) gb18030Ranges.push([pointer, point]);
  expected = point;
}

const singleByte = singleByteEncodings.map((name) => {
  const decoder = new TextDecoder(name);
  const points = index(128, (i) => decoder.decode(Uint8Array.of(128 + i)).charCodeAt(0));
  return `  {"${name}", {${points.join()}}},`;
});

const array = (name, type, items) =>
  `constexpr ${type} ${name}Data[] = {${items.join()}};\n` +
  `const std::span<const ${type}> ${name}(${name}Data);`;

writeFileSync(
  process.argv[2],
  `#include "runtime/ops/encoding_indexes.h"

namespace caravel::runtime {

constexpr SingleByteIndex kSingleByteIndexesData[] = {
${singleByte.join('\n')}
};
const std::span<const SingleByteIndex> kSingleByteIndexes(kSingleByteIndexesData);

${array('kGb18030Index', 'char16_t', gb18030)}
${array('kBig5Index', 'char32_t', big5)}
${array('kEucKrIndex', 'char16_t', eucKr)}
${array('kJis0208Index', 'char16_t', jis0208)}
${array('kJis0212Index', 'char16_t', jis0212)}
${array(
  'kGb18030Ranges',
  'Gb18030Range',
  gb18030Ranges.map((pair) => `{${pair}}`),
)}

}  // namespace caravel::runtime
`,
);
