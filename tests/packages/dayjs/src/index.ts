import dayjs from 'dayjs';
import 'dayjs/locale/pt';
import duration from 'dayjs/plugin/duration';
import relativeTime from 'dayjs/plugin/relativeTime';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
dayjs.extend(timezone);
dayjs.extend(duration);
dayjs.extend(relativeTime);

export default {
  fetch() {
    const sailed = dayjs.utc('2026-03-09T07:05:00Z');
    return Response.json({
      goa: sailed.tz('Asia/Kolkata').format('YYYY-MM-DD HH:mm Z'),
      summer: dayjs.tz('2026-07-01 12:00', 'America/New_York').toISOString(),
      portuguese: sailed.locale('pt').format('dddd, D [de] MMMM'),
      from: sailed.from(sailed.add(50, 'hour')),
      long: dayjs.duration(100, 'minutes').humanize(),
      end: sailed.endOf('month').format('DD HH:mm:ss.SSS'),
      diff: sailed.diff('2025-12-25', 'week', true).toFixed(2),
      zone: dayjs.tz.guess(),
    });
  },
};
