import {
  Abs,
  Avg,
  Case,
  Cast,
  Ceil,
  Coalesce,
  Concat,
  Count,
  DenseRank,
  Exists,
  Extract,
  ExtractMonth,
  ExtractYear,
  F,
  FirstValue,
  Floor,
  Greatest,
  LTrim,
  Lag,
  LastValue,
  Lead,
  Least,
  Left,
  Length,
  Lower,
  Max,
  NthValue,
  Ntile,
  NullIf,
  OuterRef,
  Power,
  Q,
  RTrim,
  Rank,
  Replace,
  Right,
  Round,
  RowNumber,
  Sqrt,
  StrIndex,
  Subquery,
  Substr,
  Sum,
  Trim,
  Trunc,
  TruncDate,
  TruncMonth,
  Upper,
  Value,
  When,
  Window,
  f,
} from '../../../../src/entry/web.ts'
import type { ParityCase } from './parity-case.ts'
import { Article, Author, Comment, Document, Publisher, Tag } from './library.ts'

const articles = () => Article.objects.orderBy('id')
const authors = () => Author.objects.orderBy('id')

/** `annotate(x=...).values_list('x', flat=True)` over the articles by key. */
const each = (expression: Parameters<typeof Article.objects.annotate>[0][string]) =>
  articles().annotate({ x: expression }).valuesList('x', { flat: true })
const py = (expression: string) =>
  `Article.objects.order_by('id').annotate(x=${expression}).values_list('x', flat=True)`

/** Functions, subqueries, conditions, windows. */
export const expressionCases: readonly ParityCase[] = [
  [py("Left('title', 3)"), () => each(Left('title', 3))],
  [py("Left('title', 300)"), () => each(Left('title', 300))],
  [py("Right('title', 4)"), () => each(Right('title', 4))],
  [py("Right('title', 300)"), () => each(Right('title', 300))],
  [py("Substr('title', 3)"), () => each(Substr('title', 3))],
  [py("Substr('title', 2, 3)"), () => each(Substr('title', 2, 3))],
  [py("StrIndex('title', Value('o'))"), () => each(StrIndex('title', Value('o')))],
  [py("Replace('title', Value('o'), Value('0'))"), () => each(Replace('title', Value('o'), Value('0')))],
  [py("Replace('title', Value(' '))"), () => each(Replace('title', Value(' ')))],
  [
    py("Trim(Concat(Value('  '), 'slug', Value(' '), output_field=CharField()))"),
    () => each(Trim(Concat(Value('  '), 'slug', Value(' ')))),
  ],
  [
    py("LTrim(Concat(Value('  '), 'slug', Value(' '), output_field=CharField()))"),
    () => each(LTrim(Concat(Value('  '), 'slug', Value(' ')))),
  ],
  [
    py("RTrim(Concat(Value('  '), 'slug', Value(' '), output_field=CharField()))"),
    () => each(RTrim(Concat(Value('  '), 'slug', Value(' ')))),
  ],
  [py("Upper('slug')"), () => each(Upper('slug'))],
  [py("Length('author__name')"), () => each(Length('author__name'))],
  [py("Abs('votes')"), () => each(Abs('votes'))],
  [py("Ceil('rating')"), () => each(Ceil('rating'))],
  [py("Floor('rating')"), () => each(Floor('rating'))],
  [py("Round('rating')"), () => each(Round('rating'))],
  [py("Sqrt(Abs('votes'))"), () => each(Sqrt(Abs('votes')))],
  [py("Power('votes', Value(2))"), () => each(Power('votes', Value(2)))],
  [py("Greatest('votes', 'author__age')"), () => each(Greatest('votes', 'author__age'))],
  [py("Least('votes', 'author__age', Value(3))"), () => each(Least('votes', 'author__age', Value(3)))],
  [py("Greatest('rating', Value(2.0))"), () => each(Greatest('rating', Value(2)))],
  [py("NullIf('votes', Value(5))"), () => each(NullIf('votes', Value(5)))],
  [
    py("Coalesce('editor__name', 'author__name', Value('nobody'))"),
    () => each(Coalesce('editor__name', 'author__name', Value('nobody'))),
  ],
  [py("Cast('votes', CharField(max_length=10))"), () => each(Cast('votes', f.char({ max: 10 })))],
  [py("Cast('votes', TextField())"), () => each(Cast('votes', f.text()))],
  [py("Cast('rating', IntegerField())"), () => each(Cast('rating', f.int()))],
  [py("Cast('votes', FloatField())"), () => each(Cast('votes', f.float()))],
  [py("Cast('published_at', DateField())"), () => each(Cast('publishedAt', f.date()))],
  [py("Cast(Left('slug', 0 + 1), TextField())"), () => each(Cast(Left('slug', 1), f.text()))],
  ["Article.objects.order_by(Lower('title').desc())", () => Article.objects.orderBy(Lower('title').desc())],
  [
    "Article.objects.annotate(n=Length('title')).filter(n__gt=F('votes')).order_by('n', 'id')",
    () =>
      Article.objects
        .annotate({ n: Length('title') })
        .filter({ n__gt: F('votes') })
        .orderBy('n', 'id'),
  ],
  [
    "Article.objects.alias(n=Length('title')).filter(n__gt=8).order_by('-n', 'id').values()",
    () =>
      Article.objects
        .alias({ n: Length('title') })
        .filter({ n__gt: 8 })
        .orderBy('-n', 'id')
        .values(),
  ],
  [
    "Article.objects.filter(title=Concat('title', Value(''))).count()",
    () => Article.objects.filter({ title: Concat('title', Value('')) }).count(),
  ],
  [
    "[Article.objects.filter(slug='war').update(title=Upper('title')), Article.objects.get(slug='war').title]",
    async () => [
      await Article.objects.filter({ slug: 'war' }).update({ title: Upper('title') }),
      (await Article.objects.get({ slug: 'war' })).title,
    ],
  ],
  ["Article.objects.annotate(x=Left('title', 0))", () => Article.objects.annotate({ x: Left('title', 0) })],

  // --- dates ---
  ...(['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'] as const).flatMap(
    (unit): ParityCase[] => [
      [py(`Trunc('published_at', '${unit}')`), () => each(Trunc('publishedAt', unit))],
      [py(`Extract('published_at', '${unit}')`), () => each(Extract('publishedAt', unit))],
    ],
  ),
  ...(['year', 'quarter', 'month', 'week', 'day'] as const).map((unit): ParityCase => [
    `Author.objects.order_by('id').annotate(x=Trunc('born', '${unit}')).values_list('x', flat=True)`,
    () =>
      authors()
        .annotate({ x: Trunc('born', unit) })
        .valuesList('x', { flat: true }),
  ]),
  [
    "Author.objects.annotate(x=Trunc('born', 'hour')).count()",
    () => Author.objects.annotate({ x: Trunc('born', 'hour') }).count(),
    'fails',
  ],
  [py("ExtractYear('published_at')"), () => each(ExtractYear('publishedAt'))],
  [py("ExtractMonth('published_at')"), () => each(ExtractMonth('publishedAt'))],
  [py("Extract('published_at', 'week_day')"), () => each(Extract('publishedAt', 'weekDay'))],
  [py("Extract('published_at', 'iso_week_day')"), () => each(Extract('publishedAt', 'isoWeekDay'))],
  [py("Extract('published_at', 'iso_year')"), () => each(Extract('publishedAt', 'isoYear'))],
  [py("TruncDate('published_at')"), () => each(TruncDate('publishedAt'))],
  [
    "Article.objects.filter(published_at__week_day=2).order_by('id')",
    () => articles().filter({ publishedAt__weekDay: 2 }),
  ],
  [
    "Article.objects.filter(published_at__quarter__lt=2).order_by('id')",
    () => articles().filter({ publishedAt__quarter__lt: 2 }),
  ],
  [
    "Article.objects.filter(published_at__week__in=[1, 52, 9]).order_by('id')",
    () => articles().filter({ publishedAt__week__in: [1, 52, 9] }),
  ],
  [
    "Article.objects.filter(published_at__iso_year=2025).order_by('id')",
    () => articles().filter({ publishedAt__isoYear: 2025 }),
  ],
  [
    "Article.objects.filter(published_at__date__year=2024).order_by('id')",
    () => articles().filter({ publishedAt__date__year: 2024 }),
  ],
  [
    "Article.objects.filter(published_at__month=F('author__id')).order_by('id')",
    () => articles().filter({ publishedAt__month: F('author__id') }),
  ],
  [
    "Article.objects.annotate(m=TruncMonth('published_at')).values('m').annotate(n=Count('id')).order_by('m')",
    () =>
      Article.objects
        .annotate({ m: TruncMonth('publishedAt') })
        .values('m')
        .annotate({ n: Count('id') })
        .orderBy('m'),
  ],
  ["Article.objects.dates('published_at', 'year')", () => Article.objects.dates('publishedAt', 'year')],
  ["Article.objects.dates('published_at', 'month')", () => Article.objects.dates('publishedAt', 'month')],
  ["Article.objects.dates('published_at', 'week')", () => Article.objects.dates('publishedAt', 'week')],
  [
    "Article.objects.dates('published_at', 'day', order='DESC')",
    () => Article.objects.dates('publishedAt', 'day', 'desc'),
  ],
  ["Author.objects.dates('born', 'year')", () => Author.objects.dates('born', 'year')],
  ["Article.objects.dates('author__born', 'year')", () => Article.objects.dates('author__born', 'year')],
  [
    "Article.objects.filter(votes__gt=4).dates('published_at', 'year')",
    () => Article.objects.filter({ votes__gt: 4 }).dates('publishedAt', 'year'),
  ],
  [
    "Article.objects.datetimes('published_at', 'month')",
    () => Article.objects.datetimes('publishedAt', 'month'),
  ],
  [
    "Article.objects.datetimes('published_at', 'hour', order='DESC')",
    () => Article.objects.datetimes('publishedAt', 'hour', 'desc'),
  ],
  [
    "Article.objects.datetimes('published_at', 'second')",
    () => Article.objects.datetimes('publishedAt', 'second'),
  ],
  [
    "Article.objects.dates('published_at', 'month').count()",
    () => Article.objects.dates('publishedAt', 'month').count(),
  ],

  // --- conditions ---
  [
    py(
      "Case(When(votes__gt=5, then=Value('high')), When(votes__gt=0, then=Value('low')), default=Value('none'), output_field=CharField())",
    ),
    () =>
      each(
        Case([When({ votes__gt: 5 }, Value('high')), When({ votes__gt: 0 }, Value('low'))], {
          default: Value('none'),
        }),
      ),
  ],
  [
    py("Case(When(Q(votes__gt=5) | Q(featured=True), then='votes'))"),
    () => each(Case([When(Q({ votes__gt: 5 }).or(Q({ featured: true })), F<number>('votes'))])),
  ],
  [
    py("Case(When(author__name='Ada', then='title'), default='author__name', output_field=CharField())"),
    () => each(Case([When({ author__name: 'Ada' }, 'title')], { default: 'author__name' })),
  ],
  [
    "Article.objects.order_by(Case(When(slug='dance', then=Value(0)), default=Value(1), output_field=IntegerField()), 'id')",
    () => Article.objects.orderBy(Case([When({ slug: 'dance' }, Value(0))], { default: Value(1) }), 'id'),
  ],
  [
    "Article.objects.aggregate(n=Sum(Case(When(status='p', then=Value(1)), default=Value(0), output_field=IntegerField())))",
    () =>
      Article.objects.aggregate({ n: Sum(Case([When({ status: 'p' }, Value(1))], { default: Value(0) })) }),
  ],
  [
    "Author.objects.annotate(n=Count(Case(When(articles__votes__gt=4, then='articles__id')))).order_by('id').values_list('name', 'n')",
    () =>
      authors()
        .annotate({ n: Count(Case([When({ articles__votes__gt: 4 }, 'articles__id')])) })
        .valuesList('name', 'n'),
  ],
  [
    "[Article.objects.update(votes=Case(When(featured=True, then=F('votes') + 100), default=Value(0))), list(Article.objects.order_by('id').values_list('votes', flat=True))]",
    async () => [
      await Article.objects.update({
        votes: Case([When({ featured: true }, F('votes').add(100))], { default: Value(0) }),
      }),
      await articles().valuesList('votes', { flat: true }),
    ],
  ],
  [
    "Article.objects.annotate(k=Case(When(tags__label='red', then=Value(1)), default=Value(0), output_field=IntegerField())).filter(k=1).order_by('id')",
    () =>
      articles()
        .annotate({ k: Case([When({ tags__label: 'red' }, Value(1))], { default: Value(0) }) })
        .filter({ k: 1 }),
  ],
  [
    'Article.objects.annotate(x=Case(When(Q(), then=Value(1))))',
    () => Article.objects.annotate({ x: Case([When(Q(), Value(1))]) }),
    'fails',
  ],
  [
    py("Case(When(rating__isnull=True, then=Value(None)), default='votes', output_field=IntegerField())"),
    () => each(Case([When({ rating__isnull: true }, Value(null))], { default: F<number>('votes') })),
  ],

  // --- subqueries ---
  [
    "Author.objects.order_by('id').annotate(best=Subquery(Article.objects.filter(author=OuterRef('pk')).order_by('-votes').values('title')[:1])).values_list('name', 'best')",
    () =>
      authors()
        .annotate({
          best: Subquery(
            Article.objects
              .filter({ author: OuterRef('pk') })
              .orderBy('-votes')
              .valuesList('title', { flat: true })
              .slice(0, 1),
          ),
        })
        .valuesList('name', 'best'),
  ],
  [
    "Author.objects.filter(Exists(Article.objects.filter(author=OuterRef('pk'), votes__gt=6))).order_by('id')",
    () => authors().filter(Exists(Article.objects.filter({ author: OuterRef('pk'), votes__gt: 6 }))),
  ],
  [
    "Author.objects.filter(~Exists(Article.objects.filter(author=OuterRef('pk')))).order_by('id')",
    () => authors().filter(Exists(Article.objects.filter({ author: OuterRef('pk') })).not()),
  ],
  [
    "Author.objects.exclude(Exists(Article.objects.filter(author=OuterRef('pk')))).order_by('id')",
    () => authors().exclude(Exists(Article.objects.filter({ author: OuterRef('pk') }))),
  ],
  [
    "Author.objects.filter(Q(Exists(Article.objects.filter(author=OuterRef('pk'), featured=True))) | Q(name='dan')).order_by('id')",
    () =>
      authors().filter(
        Q(Exists(Article.objects.filter({ author: OuterRef('pk'), featured: true }))).or(Q({ name: 'dan' })),
      ),
  ],
  [
    "Author.objects.order_by('id').annotate(has=Exists(Article.objects.filter(author=OuterRef('pk')))).values_list('name', 'has')",
    () =>
      authors()
        .annotate({ has: Exists(Article.objects.filter({ author: OuterRef('pk') })) })
        .valuesList('name', 'has'),
  ],
  [
    "Author.objects.annotate(has=Exists(Article.objects.filter(author=OuterRef('pk')))).filter(has=False).order_by('id')",
    () =>
      authors()
        .annotate({ has: Exists(Article.objects.filter({ author: OuterRef('pk') })) })
        .filter({ has: false }),
  ],
  [
    "Article.objects.filter(votes=Subquery(Article.objects.order_by('-votes').values('votes')[:1]))",
    () =>
      Article.objects.filter({
        votes: Subquery(Article.objects.orderBy('-votes').valuesList('votes', { flat: true }).slice(0, 1)),
      }),
  ],
  [
    "Article.objects.filter(author__in=Subquery(Author.objects.filter(age=36).values('id'))).order_by('id')",
    () => articles().filter({ author__in: Author.objects.filter({ age: 36 }).values('id') }),
  ],
  [
    "Article.objects.order_by('id').annotate(n=Subquery(Comment.objects.filter(article=OuterRef('pk')).order_by().values('article').annotate(c=Count('id')).values('c'))).values_list('slug', 'n')",
    () =>
      articles()
        .annotate({
          n: Subquery(
            Comment.objects
              .filter({ article: OuterRef('pk') })
              .orderBy()
              .values('article')
              .annotate({ c: Count('id') })
              .values('c'),
          ),
        })
        .valuesList('slug', 'n'),
  ],
  [
    "Article.objects.annotate(n=Subquery(Comment.objects.filter(article=OuterRef('pk')).order_by().values('article').annotate(c=Sum('score')).values('c'))).filter(n__gt=2).order_by('id')",
    () =>
      articles()
        .annotate({
          n: Subquery(
            Comment.objects
              .filter({ article: OuterRef('pk') })
              .orderBy()
              .values('article')
              .annotate({ c: Sum('score') })
              .values('c'),
          ),
        })
        .filter({ n__gt: 2 }),
  ],
  [
    "Author.objects.filter(Exists(Article.objects.filter(Exists(Comment.objects.filter(article=OuterRef('pk'), article__author=OuterRef(OuterRef('pk'))))))).order_by('id')",
    () =>
      authors().filter(
        Exists(
          Article.objects.filter(
            Exists(
              Comment.objects.filter({
                article: OuterRef('pk'),
                article__author: OuterRef(OuterRef('pk')),
              }),
            ),
          ),
        ),
      ),
  ],
  [
    "Article.objects.filter(Exists(Author.objects.filter(name=OuterRef('author__mentor__name')))).order_by('id')",
    () => articles().filter(Exists(Author.objects.filter({ name: OuterRef('author__mentor__name') }))),
  ],
  [
    "Article.objects.filter(~Exists(Tag.objects.filter(articles=OuterRef('pk'), label='red'))).order_by('id')",
    () => articles().filter(Exists(Tag.objects.filter(Q({ articles: OuterRef('pk'), label: 'red' }))).not()),
  ],
  [
    "Author.objects.filter(Exists(Article.objects.filter(author=OuterRef('pk')).exclude(editor=OuterRef('mentor')))).order_by('id')",
    () =>
      authors().filter(
        Exists(Article.objects.filter({ author: OuterRef('pk') }).exclude({ editor: OuterRef('mentor') })),
      ),
  ],
  [
    "Article.objects.order_by(Subquery(Author.objects.filter(pk=OuterRef('author')).values('age')[:1]).desc(nulls_last=True), 'id')",
    () =>
      Article.objects.orderBy(
        Subquery(
          Author.objects
            .filter({ pk: OuterRef('author') })
            .values('age')
            .slice(0, 1),
        ).desc({ nulls: 'last' }),
        'id',
      ),
  ],
  [
    "[Article.objects.update(votes=Coalesce(Subquery(Author.objects.filter(pk=OuterRef('author')).values('age')[:1]), Value(0))), list(Article.objects.order_by('id').values_list('votes', flat=True))]",
    async () => [
      await Article.objects.update({
        votes: Coalesce(
          Subquery(
            Author.objects
              .filter({ pk: OuterRef('author') })
              .values('age')
              .slice(0, 1),
          ),
          Value(0),
        ),
      }),
      await articles().valuesList('votes', { flat: true }),
    ],
  ],
  [
    "Article.objects.filter(Exists(Author.objects.filter(age__gt=OuterRef('votes') * 5, pk=OuterRef('author')))).order_by('id')",
    () =>
      articles().filter(
        Exists(Author.objects.filter({ age__gt: OuterRef('votes').multiply(5), pk: OuterRef('author') })),
      ),
  ],
  [
    'Article.objects.filter(Exists(Author.objects.none()))',
    () => Article.objects.filter(Exists(Author.objects.none())),
  ],
  [
    "Article.objects.filter(Exists(Comment.objects.filter(article=OuterRef('pk')))).aggregate(n=Count('id'))",
    () =>
      Article.objects
        .filter(Exists(Comment.objects.filter({ article: OuterRef('pk') })))
        .aggregate({ n: Count('id') }),
  ],
  [
    "[Article.objects.filter(Exists(Comment.objects.filter(article=OuterRef('pk'), score__lt=0))).delete()[0], Article.objects.count()]",
    async () => [
      (
        await Article.objects
          .filter(Exists(Comment.objects.filter({ article: OuterRef('pk'), score__lt: 0 })))
          .delete()
      ).total,
      await Article.objects.count(),
    ],
  ],
  ["Author.objects.filter(F('name'))", () => Author.objects.filter(F('name') as never), 'fails'],
  [
    "list(Article.objects.filter(author=OuterRef('pk')))",
    () => Article.objects.filter({ author: OuterRef('pk') }),
    'fails',
  ],

  // --- windows ---
  [
    py("Window(RowNumber(), partition_by=[F('author')], order_by=F('votes').desc())"),
    () => each(Window(RowNumber(), { partitionBy: 'author', orderBy: '-votes' })),
  ],
  [py("Window(Rank(), order_by=F('votes').asc())"), () => each(Window(Rank(), { orderBy: 'votes' }))],
  [
    py("Window(DenseRank(), order_by=F('votes').desc())"),
    () => each(Window(DenseRank(), { orderBy: '-votes' })),
  ],
  [py("Window(Ntile(2), order_by=F('id').asc())"), () => each(Window(Ntile(2), { orderBy: 'id' }))],
  [py("Window(Lag('votes'), order_by=F('id').asc())"), () => each(Window(Lag('votes'), { orderBy: 'id' }))],
  [
    py("Window(Lead('slug', 2), order_by=F('id').asc())"),
    () => each(Window(Lead('slug', 2), { orderBy: 'id' })),
  ],
  [
    py("Window(FirstValue('slug'), partition_by=F('status'), order_by=F('votes').desc())"),
    () => each(Window(FirstValue('slug'), { partitionBy: 'status', orderBy: '-votes' })),
  ],
  [
    py("Window(LastValue('slug'), partition_by=F('status'), order_by=F('id').asc())"),
    () => each(Window(LastValue('slug'), { partitionBy: 'status', orderBy: 'id' })),
  ],
  [
    py("Window(NthValue('slug', 2), order_by=F('id').asc())"),
    () => each(Window(NthValue('slug', 2), { orderBy: 'id' })),
  ],
  [py("Window(Sum('votes'), order_by=F('id').asc())"), () => each(Window(Sum('votes'), { orderBy: 'id' }))],
  [
    py("Window(Sum('votes'), partition_by='author__name')"),
    () => each(Window(Sum('votes'), { partitionBy: 'author__name' })),
  ],
  [
    py("Window(Avg('votes'), order_by=F('id').asc(), frame=RowRange(start=-1, end=1))"),
    () => each(Window(Avg('votes'), { orderBy: 'id', frame: { unit: 'rows', start: -1, end: 1 } })),
  ],
  [py("Window(Count('*'))"), () => each(Window(Count('*')))],
  [
    "Article.objects.annotate(n=Window(RowNumber(), order_by=F('id').asc())).filter(n=1)",
    () => Article.objects.annotate({ n: Window(RowNumber(), { orderBy: 'id' }) }).filter({ n: 1 }),
  ],
  [
    "Article.objects.annotate(n=Window(Lower('title')))",
    () => Article.objects.annotate({ n: Window(Lower('title')) }),
    'fails',
  ],

  // --- aggregates of several ---
  [
    "Article.objects.aggregate(x=Max('votes') - Coalesce(Sum('author__age'), Value(0)))",
    () => Article.objects.aggregate({ x: Max('votes').subtract(Coalesce(Sum('author__age'), Value(0))) }),
  ],
  [
    "Article.objects.filter(votes__gt=1000).aggregate(x=Coalesce(Sum('votes'), Value(0)))",
    () => Article.objects.filter({ votes__gt: 1000 }).aggregate({ x: Coalesce(Sum('votes'), Value(0)) }),
  ],
  [
    "Article.objects.order_by('id')[:3].aggregate(x=Coalesce(Sum('votes'), Value(0)))",
    () =>
      articles()
        .slice(0, 3)
        .aggregate({ x: Coalesce(Sum('votes'), Value(0)) }),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).aggregate(x=Avg('n'), y=Max('n'))",
    () => Author.objects.annotate({ n: Count('articles') }).aggregate({ x: Avg('n'), y: Max('n') }),
  ],
  [
    "Publisher.objects.order_by('id').annotate(n=Count('articles', filter=Q(articles__featured=True)), s=Sum('articles__votes', filter=~Q(articles__status='d'))).values_list('name', 'n', 's')",
    () =>
      Publisher.objects
        .orderBy('id')
        .annotate({
          n: Count('articles', { filter: Q({ articles__featured: true }) }),
          s: Sum('articles__votes', { filter: Q({ articles__status: 'd' }).not() }),
        })
        .valuesList('name', 'n', 's'),
  ],
]

const part = (votes: number) => Article.objects.filter({ votes__gt: votes })
const documents = () => Document.objects.orderBy('id')
const names = (where: Record<string, unknown>) =>
  documents().filter(Q(where)).valuesList('name', { flat: true })
const pyNames = (where: string) =>
  `Document.objects.order_by('id').filter(${where}).values_list('name', flat=True)`
const excluded = (where: Record<string, unknown>) =>
  documents().exclude(Q(where)).valuesList('name', { flat: true })
const pyExcluded = (where: string) =>
  `Document.objects.order_by('id').exclude(${where}).values_list('name', flat=True)`

/** Put-together querysets, columns left out, dates, JSON. */
export const methodCases: readonly ParityCase[] = [
  [
    "Article.objects.filter(votes__gt=6).union(Article.objects.filter(votes__lt=0)).order_by('id')",
    () =>
      part(6)
        .union(Article.objects.filter({ votes__lt: 0 }))
        .orderBy('id'),
  ],
  [
    "Article.objects.filter(votes__gt=4).union(Article.objects.filter(votes__gt=6), all=True).order_by('-id')",
    () => part(4).unionAll(part(6)).orderBy('-id'),
  ],
  [
    "Article.objects.filter(votes__gt=4).intersection(Article.objects.filter(featured=True)).order_by('id')",
    () =>
      part(4)
        .intersection(Article.objects.filter({ featured: true }))
        .orderBy('id'),
  ],
  [
    "Article.objects.filter(votes__gt=-10).difference(Article.objects.filter(featured=True), Article.objects.filter(votes=7)).order_by('id')",
    () =>
      part(-10)
        .difference(Article.objects.filter({ featured: true }), part(6).filter({ votes: 7 }))
        .orderBy('id'),
  ],
  [
    "Article.objects.values_list('status').union(Article.objects.values_list('slug')).order_by('status')",
    () => Article.objects.valuesList('status').union(Article.objects.valuesList('slug')).orderBy('status'),
  ],
  [
    "Article.objects.values_list('author__name', flat=True).union(Tag.objects.values_list('label', flat=True)).order_by('author__name').count()",
    () =>
      Article.objects
        .valuesList('author__name', { flat: true })
        .union(Tag.objects.valuesList('label', { flat: true }))
        .count(),
  ],
  [
    "Article.objects.filter(votes__gt=4).union(Article.objects.filter(votes__lt=1)).order_by('votes', 'id')[1:3]",
    () =>
      part(4)
        .union(Article.objects.filter({ votes__lt: 1 }))
        .orderBy('votes', 'id')
        .slice(1, 3),
  ],
  [
    'Article.objects.filter(votes__gt=4).union(Article.objects.filter(votes__gt=6)).count()',
    () => part(4).union(part(6)).count(),
  ],
  [
    'Article.objects.filter(votes__gt=4).union(Article.objects.filter(votes__gt=6), all=True).count()',
    () => part(4).unionAll(part(6)).count(),
  ],
  [
    'Article.objects.filter(votes__gt=400).union(Article.objects.filter(votes__gt=600)).exists()',
    () => part(400).union(part(600)).exists(),
  ],
  [
    'Article.objects.filter(votes__gt=4).union(Article.objects.filter(votes__gt=6)).exists()',
    () => part(4).union(part(6)).exists(),
  ],
  [
    'Article.objects.filter(votes__gt=4).union(Article.objects.filter(votes__gt=6)).first()',
    () => part(4).union(part(6)).first(),
  ],
  [
    "Article.objects.filter(votes__gt=4).union(Article.objects.filter(votes__lt=0)).values_list('slug', flat=True).order_by('slug')",
    () =>
      part(4)
        .union(Article.objects.filter({ votes__lt: 0 }))
        .valuesList('slug', { flat: true })
        .orderBy('slug'),
  ],
  [
    "Article.objects.filter(votes__gt=4).union(Article.objects.none()).order_by('id')",
    () => part(4).union(Article.objects.none()).orderBy('id'),
  ],
  [
    'Article.objects.none().intersection(Article.objects.all())',
    () => Article.objects.none().intersection(Article.objects.all()),
  ],
  [
    "[a.author.name for a in Article.objects.select_related('author').filter(votes=5).union(Article.objects.select_related('author').filter(votes=7)).order_by('id')]",
    () =>
      Article.objects
        .selectRelated('author')
        .filter({ votes: 5 })
        .union(Article.objects.selectRelated('author').filter({ votes: 7 }))
        .orderBy('id')
        .toArray()
        .then((rows) => rows.map((row) => row.author.name)),
  ],
  [
    'Article.objects.union(Article.objects.all()).filter(id=1)',
    () => Article.objects.all().union(Article.objects.all()).filter({ id: 1 }),
  ],
  [
    'Article.objects.union(Article.objects.all()).exclude(id=1)',
    () => Article.objects.all().union(Article.objects.all()).exclude({ id: 1 }),
  ],
  [
    "Article.objects.intersection(Article.objects.all()).annotate(x=F('id'))",
    () =>
      Article.objects
        .all()
        .intersection(Article.objects.all())
        .annotate({ x: F('id') }),
  ],
  [
    'Article.objects.difference(Article.objects.all()).distinct()',
    () => Article.objects.all().difference(Article.objects.all()).distinct(),
  ],
  [
    'Article.objects.union(Article.objects.all()).update(votes=1)',
    () => Article.objects.all().union(Article.objects.all()).update({ votes: 1 }),
  ],
  [
    "Article.objects.union(Article.objects.all()).order_by('author__name')",
    () => Article.objects.all().union(Article.objects.all()).orderBy('author__name'),
    'fails',
  ],

  // --- only and defer ---
  [
    "[[a.title, a.id] for a in Article.objects.only('title').order_by('id')]",
    () =>
      articles()
        .only('title')
        .toArray()
        .then((rows) => rows.map((a) => [a.title, a.id])),
  ],
  [
    "[[a.title, a.votes] for a in Article.objects.defer('body', 'meta').order_by('id')]",
    () =>
      articles()
        .defer('body', 'meta')
        .toArray()
        .then((rows) => rows.map((a) => [a.title, a.votes])),
  ],
  [
    "[[a.title, a.author.name] for a in Article.objects.select_related('author').only('title', 'author__name').order_by('id')]",
    () =>
      articles()
        .selectRelated('author')
        .only('title', 'author__name')
        .toArray()
        .then((rows) => rows.map((a) => [a.title, a.author.name])),
  ],
  [
    "[[a.title, a.author.name] for a in Article.objects.select_related('author').defer('body', 'author__age').order_by('id')]",
    () =>
      articles()
        .selectRelated('author')
        .defer('body', 'author__age')
        .toArray()
        .then((rows) => rows.map((a) => [a.title, a.author.name])),
  ],
  [
    "[[setattr(a, 'title', 'New'), a.save(), Article.objects.get(id=1).title, Article.objects.get(id=1).body] for a in Article.objects.only('title').filter(id=1)][0][2:]",
    async () => {
      const row = await Article.objects.only('title').get({ id: 1 })
      row.title = 'New'
      await row.save()
      const again = await Article.objects.get({ id: 1 })
      return [again.title, again.body]
    },
  ],
  [
    "Article.objects.values('title').only('title')",
    () => Article.objects.values('title').only('title'),
    'fails',
  ],
  [
    "list(Article.objects.select_related('author').only('title'))",
    () => Article.objects.selectRelated('author').only('title'),
    'fails',
  ],
  ["list(Article.objects.order_by('id').iterator())", () => fromAsync(articles().iterator())],
  [
    "list(Article.objects.order_by('id').iterator(chunk_size=2))",
    () => fromAsync(articles().iterator({ chunkSize: 2 })),
  ],
  [
    "list(Article.objects.order_by('id').filter(votes__gt=4).values_list('slug', flat=True).iterator(chunk_size=1))",
    () =>
      fromAsync(
        articles().filter({ votes__gt: 4 }).valuesList('slug', { flat: true }).iterator({ chunkSize: 1 }),
      ),
  ],
  [
    'Article.objects.iterator(chunk_size=0)',
    () => fromAsync(Article.objects.iterator({ chunkSize: 0 })),
    'fails',
  ],
  [
    "Article.objects.filter(published_at__isnull=False).earliest('published_at', 'id')",
    () => Article.objects.filter({ publishedAt__isnull: false }).earliest('publishedAt', 'id'),
  ],
  ["Article.objects.latest('votes')", () => Article.objects.latest('votes')],
  [
    "Article.objects.filter(votes=1000).latest('votes')",
    () => Article.objects.filter({ votes: 1000 }).latest('votes'),
  ],
  ['Author.objects.in_bulk()', () => Author.objects.inBulk()],
  ['Article.objects.in_bulk([])', () => Article.objects.inBulk([])],
  [
    "Article.objects.in_bulk(['x'], field_name='title')",
    () => Article.objects.inBulk(['x'], 'title'),
    'fails',
  ],
  [
    "list(Article.objects.raw('SELECT * FROM article WHERE votes > %s ORDER BY id', [4]))",
    () => Article.objects.raw('SELECT * FROM article WHERE votes > %s ORDER BY id', [4]),
  ],
  [
    "[[a.title, a.twice] for a in Article.objects.raw('SELECT id, title, votes * 2 AS twice FROM article ORDER BY id')]",
    () =>
      Article.objects
        .raw('SELECT id, title, votes * 2 AS twice FROM article ORDER BY id')
        .then((rows) => rows.map((a) => [a.title, (a as unknown as { twice: number }).twice])),
  ],
  [
    "list(Article.objects.raw('SELECT title FROM article'))",
    () => Article.objects.raw('SELECT title FROM article'),
    'fails',
  ],
  [
    "[a.title for a in Article.objects.raw('SELECT id, title FROM article WHERE title LIKE %s ORDER BY id', ['%oom%'])]",
    () =>
      Article.objects
        .raw('SELECT id, title FROM article WHERE title LIKE %s ORDER BY id', ['%oom%'])
        .then((rows) => rows.map((a) => a.title)),
  ],
  [
    "[t.label for t in Tag.objects.bulk_create([Tag(label='red'), Tag(label='x')], ignore_conflicts=True)] + list(Tag.objects.order_by('label').values_list('label', flat=True))",
    async () => [
      ...(await Tag.objects.bulkCreate([{ label: 'red' }, { label: 'x' }], { ignoreConflicts: true })).map(
        (t) => t.label,
      ),
      ...(await Tag.objects.orderBy('label').valuesList('label', { flat: true })),
    ],
  ],
  [
    "Article.objects.update(votes=F('author__age'))",
    () => Article.objects.update({ votes: F('author__age') }),
  ],
  [
    "Article.objects.order_by(F('author__mentor__name').asc(nulls_first=True), 'id')",
    () => Article.objects.orderBy(F('author__mentor__name').asc({ nulls: 'first' }), 'id'),
  ],
  [
    "Article.objects.order_by(F('editor__age').desc(nulls_last=True), '-id').reverse()",
    () => Article.objects.orderBy(F('editor__age').desc({ nulls: 'last' }), '-id').reverse(),
  ],
  [
    'Author.objects.none().union(Author.objects.none()).count()',
    () => Author.objects.none().union(Author.objects.none()).count(),
  ],
  ["Article.objects.select_for_update().order_by('id')", () => articles().selectForUpdate()],
  [
    'Article.objects.select_for_update(nowait=True, skip_locked=True)',
    () => articles().selectForUpdate({ nowait: true, skipLocked: true }),
    'fails',
  ],

  // --- JSON ---
  [pyNames("data__lang='en'"), () => names({ data__lang: 'en' })],
  [pyNames('data__pages=300'), () => names({ data__pages: 300 })],
  [pyNames("data__pages='300'"), () => names({ data__pages: '300' })],
  [pyNames("data__author__name='Ada'"), () => names({ data__author__name: 'Ada' })],
  [pyNames("data__tags__0='red'"), () => names({ data__tags__0: 'red' })],
  [pyNames("data__tags__1='blue'"), () => names({ data__tags__1: 'blue' })],
  [pyNames("data__1='two'"), () => names({ data__1: 'two' })],
  [pyNames('data__2__three=3'), () => names({ data__2__three: 3 })],
  [pyNames("data__tags=['red', 'blue']"), () => names({ data__tags: ['red', 'blue'] })],
  [pyNames('data__tags=[]'), () => names({ data__tags: [] })],
  [
    pyNames("data__author={'name': 'Ada', 'born': 1815}"),
    () => names({ data__author: { name: 'Ada', born: 1815 } }),
  ],
  [pyNames('data={}'), () => names({ data: {} })],
  [pyNames("data='bare'"), () => names({ data: 'bare' })],
  [pyNames('data__isnull=True'), () => names({ data__isnull: true })],
  [pyNames('data__isnull=False'), () => names({ data__isnull: false })],
  [pyNames('data__note=None'), () => names({ data__note: null })],
  [pyNames('data__note__isnull=True'), () => names({ data__note__isnull: true })],
  [pyNames('data__note__isnull=False'), () => names({ data__note__isnull: false })],
  [pyNames('data__author__born__isnull=False'), () => names({ data__author__born__isnull: false })],
  [pyNames("data__has_key='lang'"), () => names({ data__hasKey: 'lang' })],
  [pyNames("data__has_key='note'"), () => names({ data__hasKey: 'note' })],
  [pyNames("data__author__has_key='born'"), () => names({ data__author__hasKey: 'born' })],
  [pyNames("data__has_keys=['lang', 'note']"), () => names({ data__hasKeys: ['lang', 'note'] })],
  [pyNames("data__has_any_keys=['note', 'out']"), () => names({ data__hasAnyKeys: ['note', 'out'] })],
  [pyNames("data__has_key='a key'"), () => names({ data__hasKey: 'a key' })],
  [
    pyNames("data__pages__gt=5, data__has_key='tags'"),
    () => names({ data__pages__gt: 5, data__hasKey: 'tags' }),
  ],
  [
    pyNames('data__pages__gte=8, data__pages__lt=300'),
    () => names({ data__pages__gte: 8, data__pages__lt: 300 }),
  ],
  [pyNames('data__pages__lte=2.5'), () => names({ data__pages__lte: 2.5 })],
  [pyNames('data__author__born__lt=1900'), () => names({ data__author__born__lt: 1900 })],
  [pyNames("data__lang__in=['en', 'de']"), () => names({ data__lang__in: ['en', 'de'] })],
  [pyNames('data__pages__in=[8, 2.5]'), () => names({ data__pages__in: [8, 2.5] })],
  [pyNames("data__lang__iexact='EN'"), () => names({ data__lang__iexact: 'EN' })],
  [pyNames("data__lang__startswith='d'"), () => names({ data__lang__startswith: 'd' })],
  [pyNames("data__note__icontains='HAND'"), () => names({ data__note__icontains: 'HAND' })],
  [pyNames("data__note__endswith='hand'"), () => names({ data__note__endswith: 'hand' })],
  [pyNames("data__lang__regex='^[de]'"), () => names({ data__lang__regex: '^[de]' })],
  [pyNames("data__author__name__iregex='^a'"), () => names({ data__author__name__iregex: '^a' })],
  [pyNames('data__lang=F("name")'), () => names({ data__lang: F('name') })],
  [pyExcluded("data__lang='en'"), () => excluded({ data__lang: 'en' })],
  [pyExcluded("data__has_key='lang'"), () => excluded({ data__hasKey: 'lang' })],
  [
    pyExcluded("data__pages__gt=5, data__has_key='tags'"),
    () => excluded({ data__pages__gt: 5, data__hasKey: 'tags' }),
  ],
  [
    pyNames("Q(data__lang='en') | Q(data__pages=8)"),
    () =>
      documents()
        .filter(Q({ data__lang: 'en' }).or(Q({ data__pages: 8 })))
        .valuesList('name', { flat: true }),
  ],
  [
    "Document.objects.order_by('id').values_list('name', 'data__lang')",
    () => documents().valuesList('name', 'data__lang'),
  ],
  [
    "Document.objects.order_by('id').values_list('data__author__name', flat=True)",
    () => documents().valuesList('data__author__name', { flat: true }),
  ],
  [
    "Document.objects.order_by('id').values_list('data__tags__0', flat=True)",
    () => documents().valuesList('data__tags__0', { flat: true }),
  ],
  [
    "Document.objects.filter(data__pages__lt=301).order_by('data__pages')",
    () => Document.objects.filter({ data__pages__lt: 301 }).orderBy('data__pages'),
  ],
  [
    "Document.objects.filter(data__lang__isnull=False).order_by('-data__lang')",
    () => Document.objects.filter({ data__lang__isnull: false }).orderBy('-data__lang'),
  ],
  [
    "Document.objects.filter(data__author__name__isnull=False).values('data__author__name').annotate(n=Count('id')).order_by('data__author__name')",
    () =>
      Document.objects
        .filter({ data__author__name__isnull: false })
        .values('data__author__name')
        .annotate({ n: Count('id') })
        .orderBy('data__author__name'),
  ],
]

async function fromAsync<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}
