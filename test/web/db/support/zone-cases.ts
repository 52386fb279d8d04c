import {
  Case,
  Count,
  Extract,
  ExtractHour,
  ExtractYear,
  F,
  Max,
  Min,
  OuterRef,
  Q,
  Subquery,
  Trunc,
  TruncDate,
  TruncDay,
  TruncMonth,
  Value,
  When,
} from '../../../../src/entry/web.ts'
import { Moment } from './moments.ts'
import type { ParityCase } from './parity-case.ts'

/** Look-ups and functions of moments, which answer by the zone that is current when they run. */

const moments = () => Moment.objects.orderBy('id')
const each = (expression: Parameters<typeof Moment.objects.annotate>[0][string]) =>
  moments().annotate({ x: expression }).valuesList('x', { flat: true })
const py = (expression: string) =>
  `Moment.objects.order_by('id').annotate(x=${expression}).values_list('x', flat=True)`
const found = (keywords: Record<string, unknown>) => moments().filter(keywords)

const PARTS = [
  ['year', 'year'],
  ['iso_year', 'isoYear'],
  ['quarter', 'quarter'],
  ['month', 'month'],
  ['week', 'week'],
  ['week_day', 'weekDay'],
  ['iso_week_day', 'isoWeekDay'],
  ['day', 'day'],
  ['hour', 'hour'],
  ['minute', 'minute'],
  ['second', 'second'],
] as const
const DAY_UNITS = ['year', 'quarter', 'month', 'week', 'day'] as const
const CLOCK_UNITS = ['hour', 'minute', 'second'] as const

/** A moment with a clock that shows it twice is an error in Django 3.2 unless `is_dst` says which it is. */
const once = (turn: 'first' | 'second') => moments().exclude({ turn: turn === 'first' ? 'second' : 'first' })
const pyOnce = (turn: 'first' | 'second') =>
  `Moment.objects.order_by('id').exclude(turn='${turn === 'first' ? 'second' : 'first'}')`
const isDst = (turn: 'first' | 'second') => (turn === 'first' ? 'True' : 'False')

export const zoneCases: readonly ParityCase[] = [
  [
    "[str(t) for t in Moment.objects.order_by('id').values_list('at__time', flat=True) if t]",
    async () =>
      (await moments().valuesList('at__time', { flat: true })).filter((time: unknown) => time !== null),
  ],
  [
    "Moment.objects.order_by('id').filter(at__time__lt=datetime.time(2, 30))",
    () => found({ at__time__lt: '2:30' }),
  ],
  [
    "Moment.objects.order_by('id').filter(at__time__range=(datetime.time(1, 0), datetime.time(3, 0, 0, 500000)))",
    () => found({ at__time__range: ['01:00:00', '03:00:00.5'] }),
  ],
  [
    "Moment.objects.order_by('id').exclude(at__time__in=[datetime.time(0, 0), datetime.time(23, 30)])",
    () => moments().exclude({ at__time__in: ['00:00', '23:30'] }),
  ],
  ["Moment.objects.order_by('at__time', 'id')", () => Moment.objects.orderBy('at__time', 'id')],
  ...PARTS.flatMap(([theirs, ours]): ParityCase[] => [
    [py(`Extract('at', '${theirs}')`), () => each(Extract('at', ours))],
    [
      py(`Extract('at', '${theirs}', tzinfo=zone('Australia/Lord_Howe'))`),
      () => each(Extract('at', ours, { tzinfo: 'Australia/Lord_Howe' })),
    ],
    [`Moment.objects.filter(at__${theirs}__gt=9).order_by('id')`, () => found({ [`at__${ours}__gt`]: 9 })],
    [
      `Moment.objects.filter(at__${theirs}__in=[0, 1, 6, 12, 30, 53, 2020, 2024]).order_by('id')`,
      () => found({ [`at__${ours}__in`]: [0, 1, 6, 12, 30, 53, 2020, 2024] }),
    ],
    [
      `Moment.objects.exclude(at__${theirs}__range=(2, 6)).order_by('id')`,
      () => moments().exclude({ [`at__${ours}__range`]: [2, 6] }),
    ],
  ]),
  ...DAY_UNITS.flatMap((unit): ParityCase[] => [
    [py(`Trunc('at', '${unit}', is_dst=True)`), () => each(Trunc('at', unit))],
    [
      py(`Trunc('at', '${unit}', tzinfo=zone('America/St_Johns'), is_dst=True)`),
      () => each(Trunc('at', unit, { tzinfo: 'America/St_Johns' })),
    ],
    [py(`Trunc('day', '${unit}')`), () => each(Trunc('day', unit))],
  ]),
  ...(['year', 'month', 'week', 'day'] as const).flatMap((unit): ParityCase[] => [
    [`Moment.objects.datetimes('at', '${unit}', is_dst=True)`, () => Moment.objects.datetimes('at', unit)],
    [`Moment.objects.dates('at', '${unit}')`, () => Moment.objects.dates('at', unit)],
    [`Moment.objects.dates('at', '${unit}', order='DESC')`, () => Moment.objects.dates('at', unit, 'desc')],
    [`Moment.objects.dates('day', '${unit}')`, () => Moment.objects.dates('day', unit)],
  ]),
  ...CLOCK_UNITS.flatMap((unit): ParityCase[] =>
    (['first', 'second'] as const).flatMap((turn): ParityCase[] => [
      [
        `${pyOnce(turn)}.annotate(x=Trunc('at', '${unit}', is_dst=${isDst(turn)})).values_list('x', flat=True)`,
        () =>
          once(turn)
            .annotate({ x: Trunc('at', unit) })
            .valuesList('x', { flat: true }),
      ],
      [
        `${pyOnce(turn)}.datetimes('at', '${unit}', tzinfo=zone('Europe/Berlin'), is_dst=${isDst(turn)})`,
        () => once(turn).datetimes('at', unit, 'asc', { tzinfo: 'Europe/Berlin' }),
      ],
    ]),
  ),
  [py("TruncDate('at')"), () => each(TruncDate('at'))],
  [py("TruncDate('at', tzinfo=zone('Asia/Tokyo'))"), () => each(TruncDate('at', { tzinfo: 'Asia/Tokyo' }))],
  ...['2023-12-31', '2024-01-01', '2024-03-31', '2024-10-27', '2006-10-29', '1970-01-01'].flatMap(
    (day): ParityCase[] =>
      ['', '__gt', '__lte'].map((lookup): ParityCase => [
        `Moment.objects.filter(at__date${lookup}=datetime.date.fromisoformat('${day}')).order_by('id')`,
        () => found({ [`at__date${lookup}`]: day }),
      ]),
  ),
  ...['', '__gt', '__gte', '__lt', '__lte'].flatMap((lookup): ParityCase[] =>
    [1945, 1970, 2006, 2023, 2024].map((year): ParityCase => [
      `Moment.objects.filter(at__year${lookup}=${year}).order_by('id')`,
      () => found({ [`at__year${lookup}`]: year }),
    ]),
  ),
  ['Moment.objects.exclude(at__year=2024).order_by("id")', () => moments().exclude({ at__year: 2024 })],
  [
    'Moment.objects.filter(~Q(at__year=2024) | Q(at__hour=0)).order_by("id")',
    () =>
      moments().filter(
        Q({ at__year: 2024 })
          .not()
          .or(Q({ at__hour: 0 })),
      ),
  ],
  ['Moment.objects.filter(at__date__year=2024).order_by("id")', () => found({ at__date__year: 2024 })],
  ['Moment.objects.filter(at__date__week_day=1).order_by("id")', () => found({ at__date__weekDay: 1 })],
  ['Moment.objects.filter(day__year=2024).order_by("id")', () => found({ day__year: 2024 })],
  ['Moment.objects.filter(day__day__gt=29).order_by("id")', () => found({ day__day__gt: 29 })],
  ['Moment.objects.filter(at__date=F("day")).order_by("id")', () => found({ at__date: F('day') })],
  [
    'Moment.objects.filter(day__lt=TruncDate("at")).order_by("id")',
    () => found({ day__lt: TruncDate('at') }),
  ],
  ['Moment.objects.filter(at__day=F("day__day")).order_by("id")', () => found({ at__day: F('day__day') })],
  [
    'Moment.objects.order_by("at__hour", "-at__date", "id")',
    () => Moment.objects.orderBy('at__hour', '-at__date', 'id'),
  ],
  [
    'Moment.objects.order_by("id").values_list("at__year", "at__date")',
    () => moments().valuesList('at__year', 'at__date'),
  ],
  [
    'Moment.objects.values("at__date").annotate(n=Count("id")).order_by("at__date")',
    () =>
      Moment.objects
        .values('at__date')
        .annotate({ n: Count('id') })
        .orderBy('at__date'),
  ],
  [
    'Moment.objects.annotate(m=TruncMonth("at", is_dst=True)).values("m").annotate(n=Count("id")).order_by("m")',
    () =>
      Moment.objects
        .annotate({ m: TruncMonth('at') })
        .values('m')
        .annotate({ n: Count('id') })
        .orderBy('m'),
  ],
  [
    'Moment.objects.annotate(y=ExtractYear("at")).filter(y=2024).order_by("id")',
    () =>
      moments()
        .annotate({ y: ExtractYear('at') })
        .filter({ y: 2024 }),
  ],
  [
    'Moment.objects.annotate(h=ExtractHour("at")).values("h").annotate(n=Count("id"), last=Max("at")).order_by("-n", "h")',
    () =>
      Moment.objects
        .annotate({ h: ExtractHour('at') })
        .values('h')
        .annotate({ n: Count('id'), last: Max('at') })
        .orderBy('-n', 'h'),
  ],
  [
    'Moment.objects.filter(at__year=2024).aggregate(first=Min("at"), n=Count("id"), days=Count(TruncDate("at"), distinct=True))',
    () =>
      Moment.objects
        .filter({ at__year: 2024 })
        .aggregate({ first: Min('at'), n: Count('id'), days: Count(TruncDate('at'), { distinct: true }) }),
  ],
  [
    'Moment.objects.aggregate(n=Count("id", filter=Q(at__date__gte=datetime.date(2024, 1, 1))))',
    () => Moment.objects.aggregate({ n: Count('id', { filter: Q({ at__date__gte: '2024-01-01' }) }) }),
  ],
  [
    py(
      'Case(When(at__year=2024, then=Value("now")), When(at__hour__lt=6, then=Value("night")), default=Value("then"), output_field=CharField())',
    ),
    () =>
      each(
        Case([When({ at__year: 2024 }, Value('now')), When({ at__hour__lt: 6 }, Value('night'))], {
          default: Value('then'),
        }),
      ),
  ],
  [
    py('Subquery(Moment.objects.filter(at__date=OuterRef("day")).order_by("id").values("id")[:1])'),
    () =>
      each(
        Subquery(
          Moment.objects
            .filter({ at__date: OuterRef('day') })
            .orderBy('id')
            .values('id')
            .slice(0, 1),
        ),
      ),
  ],
  [
    'Moment.objects.filter(id__in=Moment.objects.filter(at__date=datetime.date(2024, 1, 1)).values("id")).order_by("id")',
    () => found({ id__in: Moment.objects.filter({ at__date: '2024-01-01' }).values('id') }),
  ],
  [
    'Moment.objects.filter(at__year=2024).values_list("id", flat=True).union(Moment.objects.filter(at__hour=0).values_list("id", flat=True)).order_by("id")',
    () =>
      Moment.objects
        .filter({ at__year: 2024 })
        .valuesList('id', { flat: true })
        .union(Moment.objects.filter({ at__hour: 0 }).valuesList('id', { flat: true }))
        .orderBy('id'),
  ],
  [
    '[Moment.objects.filter(at__year=2024).update(day=TruncDate("at")), list(Moment.objects.order_by("id").values_list("day", flat=True))]',
    async () => [
      await Moment.objects.filter({ at__year: 2024 }).update({ day: TruncDate('at') }),
      await moments().valuesList('day', { flat: true }),
    ],
  ],
  [
    '[Moment.objects.filter(at__date__lt=datetime.date(2007, 1, 1)).delete()[0], Moment.objects.count()]',
    async () => [
      (await Moment.objects.filter({ at__date__lt: '2007-01-01' }).delete()).total,
      await Moment.objects.count(),
    ],
  ],
  [
    'Moment.objects.annotate(d=TruncDay("at", is_dst=True)).values_list("d", flat=True).distinct().order_by("d")',
    () =>
      Moment.objects
        .annotate({ d: TruncDay('at') })
        .valuesList('d', { flat: true })
        .distinct()
        .orderBy('d'),
  ],
  [
    'Moment.objects.filter(at__date__isnull=True).count()',
    () => Moment.objects.filter({ at__date__isnull: true }).count(),
  ],
  ['Moment.objects.filter(at__year=2024).exists()', () => Moment.objects.filter({ at__year: 2024 }).exists()],
  [
    'Moment.objects.filter(at__date="2024-01-01").count()',
    () => Moment.objects.filter({ at__date: '2024-01-01' }).count(),
  ],
  [
    "Moment.objects.annotate(x=Extract('day', 'year', tzinfo=zone('Asia/Tokyo'))).count()",
    () => Moment.objects.annotate({ x: Extract('day', 'year', { tzinfo: 'Asia/Tokyo' }) }).count(),
    'fails',
  ],
  [
    "Moment.objects.annotate(x=Trunc('day', 'year', tzinfo=zone('Asia/Tokyo'))).count()",
    () => Moment.objects.annotate({ x: Trunc('day', 'year', { tzinfo: 'Asia/Tokyo' }) }).count(),
    'fails',
  ],
]
