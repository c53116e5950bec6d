import { DateTime, Duration, Interval, Settings } from 'luxon';

Settings.defaultLocale = 'en-GB';

export default {
  fetch() {
    const meeting = DateTime.fromISO('2026-03-29T00:30:00', { zone: 'Europe/Lisbon' });
    const autumn = Interval.fromISO('2026-09-23/2026-12-21');
    return Response.json({
      zone: DateTime.now().zoneName,
      // Clocks go forward at one.
      later: meeting.plus({ hours: 1 }).toISO(),
      tokyo: meeting.setZone('Asia/Tokyo').toFormat('yyyy-LL-dd HH:mm ZZZZ'),
      full: meeting.toLocaleString(DateTime.DATETIME_FULL),
      german: meeting.setLocale('de').toLocaleString(DateTime.DATE_HUGE),
      relative: DateTime.utc(2026, 1, 1).toRelative({ base: DateTime.utc(2026, 1, 4) }),
      duration: Duration.fromObject({ minutes: 1600 })
        .shiftTo('days', 'hours', 'minutes')
        .toHuman(),
      days: autumn.length('days'),
      invalid: DateTime.fromISO('2026-13-01').invalidReason,
    });
  },
};
