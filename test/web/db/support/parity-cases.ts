import {
  Avg,
  Coalesce,
  Concat,
  Count,
  F,
  Length,
  Lower,
  Max,
  Min,
  Q,
  Sum,
  Upper,
  Value,
} from '../../../../src/entry/web.ts'
import { Article, Author, Comment, Publisher, Tag } from './library.ts'
import type { ParityCase } from './parity-case.ts'
import { countedCases } from './parity-counted.ts'
import { expressionCases, methodCases } from './parity-more.ts'

/** Django's expression and ours; results must be equal. Where ours differs on purpose, differences.test.ts says so. */
export const parityCases: readonly ParityCase[] = [
  ["Article.objects.all().order_by('id')", () => Article.objects.all().orderBy('id')],
  ['Author.objects.all()', () => Author.objects.all()],
  ['Author.objects.all().reverse()', () => Author.objects.all().reverse()],
  ["Article.objects.order_by('-votes', 'title')", () => Article.objects.orderBy('-votes', 'title')],
  ["Article.objects.order_by('rating', 'id')", () => Article.objects.orderBy('rating', 'id')],
  ["Article.objects.order_by('-rating', 'id')", () => Article.objects.orderBy('-rating', 'id')],
  [
    "Article.objects.order_by(F('rating').desc(nulls_last=True), 'id')",
    () => Article.objects.orderBy(F('rating').desc({ nulls: 'last' }), 'id'),
  ],
  [
    "Article.objects.order_by(F('rating').asc(nulls_last=True), 'id')",
    () => Article.objects.orderBy(F('rating').asc({ nulls: 'last' }), 'id'),
  ],
  ["Article.objects.order_by('author', 'id')", () => Article.objects.orderBy('author', 'id')],
  ["Article.objects.order_by('author_id', 'id')", () => Article.objects.orderBy('authorId', 'id')],
  ["Article.objects.order_by('-author__name', '-id')", () => Article.objects.orderBy('-author__name', '-id')],
  ["Article.objects.order_by('author__mentor', 'id')", () => Article.objects.orderBy('author__mentor', 'id')],
  ["Article.objects.order_by(Lower('title'))", () => Article.objects.orderBy(Lower('title'))],
  ["Article.objects.order_by('id')[1:4]", () => Article.objects.orderBy('id').slice(1, 4)],
  ["Article.objects.order_by('id')[2:][1:3]", () => Article.objects.orderBy('id').slice(2).slice(1, 3)],
  ["Article.objects.order_by('id')[4:]", () => Article.objects.orderBy('id').slice(4)],
  ["Article.objects.order_by('id')[3:3]", () => Article.objects.orderBy('id').slice(3, 3)],
  ["Article.objects.filter(title='Looms')", () => Article.objects.filter({ title: 'Looms' })],
  ["Article.objects.filter(title__exact='looms')", () => Article.objects.filter({ title__exact: 'looms' })],
  ["Article.objects.filter(title__iexact='looms')", () => Article.objects.filter({ title__iexact: 'looms' })],
  [
    "Article.objects.filter(title__icontains='ENG').order_by('id')",
    () => Article.objects.filter({ title__icontains: 'ENG' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(title__istartswith='eng').order_by('id')",
    () => Article.objects.filter({ title__istartswith: 'eng' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(title__iendswith='LOOMS').order_by('id')",
    () => Article.objects.filter({ title__iendswith: 'LOOMS' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(title__startswith='Not')",
    () => Article.objects.filter({ title__startswith: 'Not' }),
  ],
  ["Article.objects.filter(title__endswith='war')", () => Article.objects.filter({ title__endswith: 'war' })],
  ["Article.objects.filter(title__contains='on')", () => Article.objects.filter({ title__contains: 'on' })],
  ["Article.objects.filter(body__contains='%')", () => Article.objects.filter({ body__contains: '%' })],
  ["Article.objects.filter(body__icontains='_')", () => Article.objects.filter({ body__icontains: '_' })],
  ["Article.objects.filter(body__contains='*')", () => Article.objects.filter({ body__contains: '*' })],
  [
    "Article.objects.filter(body__contains='[a-z]')",
    () => Article.objects.filter({ body__contains: '[a-z]' }),
  ],
  [
    "Article.objects.filter(title__regex='^[A-E].*s$').order_by('id')",
    () => Article.objects.filter({ title__regex: '^[A-E].*s$' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(title__iregex='^ENG').order_by('id')",
    () => Article.objects.filter({ title__iregex: '^ENG' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(votes__gt=5).order_by('id')",
    () => Article.objects.filter({ votes__gt: 5 }).orderBy('id'),
  ],
  [
    "Article.objects.filter(votes__gte=5, votes__lte=7).order_by('id')",
    () => Article.objects.filter({ votes__gte: 5, votes__lte: 7 }).orderBy('id'),
  ],
  ['Article.objects.filter(votes__lt=0)', () => Article.objects.filter({ votes__lt: 0 })],
  [
    "Article.objects.filter(votes__in=[5, 10]).order_by('id')",
    () => Article.objects.filter({ votes__in: [5, 10] }).orderBy('id'),
  ],
  ['Article.objects.filter(votes__in=[])', () => Article.objects.filter({ votes__in: [] })],
  [
    "Article.objects.exclude(votes__in=[]).order_by('id')",
    () => Article.objects.exclude({ votes__in: [] }).orderBy('id'),
  ],
  [
    "Article.objects.filter(votes__range=(0, 6)).order_by('id')",
    () => Article.objects.filter({ votes__range: [0, 6] }).orderBy('id'),
  ],
  [
    "Article.objects.filter(rating__isnull=True).order_by('id')",
    () => Article.objects.filter({ rating__isnull: true }).orderBy('id'),
  ],
  [
    "Article.objects.filter(rating__isnull=False).order_by('id')",
    () => Article.objects.filter({ rating__isnull: false }).orderBy('id'),
  ],
  [
    "Article.objects.filter(rating=None).order_by('id')",
    () => Article.objects.filter({ rating: null }).orderBy('id'),
  ],
  ['Article.objects.filter(rating=4.5)', () => Article.objects.filter({ rating: 4.5 })],
  [
    "Article.objects.filter(price=decimal.Decimal('12.5')).order_by('id')",
    () => Article.objects.filter({ price: '12.5' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(price__lt=decimal.Decimal('9.10')).order_by('id')",
    () => Article.objects.filter({ price__lt: '9.10' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(featured=True).order_by('id')",
    () => Article.objects.filter({ featured: true }).orderBy('id'),
  ],
  [
    'Article.objects.filter(views=9007199254740993)',
    () => Article.objects.filter({ views: 9007199254740993n }),
  ],
  [
    'Article.objects.filter(views__gt=9007199254740992)',
    () => Article.objects.filter({ views__gt: 9007199254740992n }),
  ],
  [
    "Article.objects.filter(uid='01234567-89ab-cdef-0123-456789abcdef')",
    () => Article.objects.filter({ uid: '01234567-89ab-cdef-0123-456789abcdef' }),
  ],
  [
    "Article.objects.filter(published_at__lte=dt('2024-01-01T00:00:00')).order_by('id')",
    () => Article.objects.filter({ publishedAt__lte: new Date('2024-01-01T00:00:00Z') }).orderBy('id'),
  ],
  [
    "Article.objects.filter(published_at__lt=dt('2023-12-31T23:59:59.500')).order_by('id')",
    () => Article.objects.filter({ publishedAt__lt: new Date('2023-12-31T23:59:59.500Z') }).orderBy('id'),
  ],
  [
    "Article.objects.filter(published_at=dt('2023-12-31T23:59:59.500'))",
    () => Article.objects.filter({ publishedAt: new Date('2023-12-31T23:59:59.500Z') }),
  ],
  [
    "Article.objects.filter(published_at__year=2024).order_by('id')",
    () => Article.objects.filter({ publishedAt__year: 2024 }).orderBy('id'),
  ],
  [
    "Article.objects.filter(published_at__year__gt=2024).order_by('id')",
    () => Article.objects.filter({ publishedAt__year__gt: 2024 }).orderBy('id'),
  ],
  [
    "Article.objects.filter(published_at__month=1).order_by('id')",
    () => Article.objects.filter({ publishedAt__month: 1 }).orderBy('id'),
  ],
  [
    "Article.objects.filter(published_at__day__in=[29, 31]).order_by('id')",
    () => Article.objects.filter({ publishedAt__day__in: [29, 31] }).orderBy('id'),
  ],
  [
    "Article.objects.filter(published_at__year__lte=2023).order_by('id')",
    () => Article.objects.filter({ publishedAt__year__lte: 2023 }).orderBy('id'),
  ],
  [
    "Article.objects.filter(published_at__year__gte=2024, published_at__year__lt=2025).order_by('id')",
    () => Article.objects.filter({ publishedAt__year__gte: 2024, publishedAt__year__lt: 2025 }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(published_at__year=2024).order_by('id')",
    () => Article.objects.exclude({ publishedAt__year: 2024 }).orderBy('id'),
  ],
  [
    "Author.objects.exclude(articles__published_at__year=2024).order_by('id')",
    () => Author.objects.exclude({ articles__publishedAt__year: 2024 }).orderBy('id'),
  ],
  [
    'Author.objects.filter(born__year__in=[1815, 1816])',
    () => Author.objects.filter({ born__year__in: [1815, 1816] }),
  ],
  ['Article.objects.filter(published_at__hour=12)', () => Article.objects.filter({ publishedAt__hour: 12 })],
  [
    'Article.objects.filter(published_at__date=datetime.date(2024, 2, 29))',
    () => Article.objects.filter({ publishedAt__date: '2024-02-29' }),
  ],
  ['Author.objects.filter(born__year=1815)', () => Author.objects.filter({ born__year: 1815 })],
  [
    'Author.objects.filter(born__lt=datetime.date(1900, 1, 1))',
    () => Author.objects.filter({ born__lt: '1900-01-01' }),
  ],
  [
    "Article.objects.filter(author__name='Ada').order_by('id')",
    () => Article.objects.filter({ author__name: 'Ada' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author=1).order_by('id')",
    () => Article.objects.filter({ author: 1 }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author__id__in=[2, 3]).order_by('id')",
    () => Article.objects.filter({ author__id__in: [2, 3] }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author__in=Author.objects.filter(age__gt=40)).order_by('id')",
    () => Article.objects.filter({ author__in: Author.objects.filter({ age__gt: 40 }) }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author__name__in=Author.objects.filter(age=36).values('name')).order_by('id')",
    () =>
      Article.objects
        .filter({ author__name__in: Author.objects.filter({ age: 36 }).values('name') })
        .orderBy('id'),
  ],
  [
    "Article.objects.filter(author__in=Author.objects.order_by('-name')[:2]).order_by('id')",
    () => Article.objects.filter({ author__in: Author.objects.orderBy('-name').slice(0, 2) }).orderBy('id'),
  ],
  ["Article.objects.filter(editor__name='Cyd')", () => Article.objects.filter({ editor__name: 'Cyd' })],
  [
    "Article.objects.filter(editor__isnull=True).order_by('id')",
    () => Article.objects.filter({ editor__isnull: true }).orderBy('id'),
  ],
  [
    "Article.objects.filter(editor__age__isnull=True).order_by('id')",
    () => Article.objects.filter({ editor__age__isnull: true }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author__mentor__name='Ada').order_by('id')",
    () => Article.objects.filter({ author__mentor__name: 'Ada' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author__mentor__mentor__isnull=True).order_by('id')",
    () => Article.objects.filter({ author__mentor__mentor__isnull: true }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author__profile__bio__icontains='program').order_by('id')",
    () => Article.objects.filter({ author__profile__bio__icontains: 'program' }).orderBy('id'),
  ],
  ['Author.objects.filter(profile__isnull=True)', () => Author.objects.filter({ profile__isnull: true })],
  ['Author.objects.filter(articles__votes__gt=4)', () => Author.objects.filter({ articles__votes__gt: 4 })],
  [
    'Author.objects.filter(articles__votes__gt=4).distinct()',
    () => Author.objects.filter({ articles__votes__gt: 4 }).distinct(),
  ],
  [
    "Author.objects.filter(articles__votes=5, articles__title='Engines')",
    () => Author.objects.filter({ articles__votes: 5, articles__title: 'Engines' }),
  ],
  [
    "Author.objects.filter(articles__votes=5).filter(articles__title='Engines')",
    () => Author.objects.filter({ articles__votes: 5 }).filter({ articles__title: 'Engines' }),
  ],
  ['Author.objects.filter(articles__isnull=True)', () => Author.objects.filter({ articles__isnull: true })],
  [
    'Author.objects.exclude(articles__isnull=True).distinct()',
    () => Author.objects.exclude({ articles__isnull: true }).distinct(),
  ],
  ['Author.objects.exclude(articles__votes__gt=4)', () => Author.objects.exclude({ articles__votes__gt: 4 })],
  [
    "Author.objects.exclude(articles__votes=5, articles__title='Engines')",
    () => Author.objects.exclude({ articles__votes: 5, articles__title: 'Engines' }),
  ],
  ["Author.objects.filter(pupils__name='dan')", () => Author.objects.filter({ pupils__name: 'dan' })],
  [
    'Author.objects.filter(mentor__pupils__age__isnull=True).distinct()',
    () => Author.objects.filter({ mentor__pupils__age__isnull: true }).distinct(),
  ],
  [
    "Article.objects.filter(tags__label='red').order_by('id')",
    () => Article.objects.filter({ tags__label: 'red' }).orderBy('id'),
  ],
  ["Article.objects.filter(tags=2).order_by('id')", () => Article.objects.filter({ tags: 2 }).orderBy('id')],
  [
    "Article.objects.filter(tags__in=[1, 3]).order_by('id').distinct()",
    () =>
      Article.objects
        .filter({ tags__in: [1, 3] })
        .orderBy('id')
        .distinct(),
  ],
  [
    "Article.objects.filter(tags__label='red').filter(tags__label='green').order_by('id')",
    () => Article.objects.filter({ tags__label: 'red' }).filter({ tags__label: 'green' }).orderBy('id'),
  ],
  [
    "Article.objects.filter(tags__isnull=True).order_by('id')",
    () => Article.objects.filter({ tags__isnull: true }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(tags__label='red').order_by('id')",
    () => Article.objects.exclude({ tags__label: 'red' }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(tags__label__in=['red', 'green']).order_by('id')",
    () => Article.objects.exclude({ tags__label__in: ['red', 'green'] }).orderBy('id'),
  ],
  [
    "Tag.objects.filter(articles__author__name='Cyd').order_by('id').distinct()",
    () => Tag.objects.filter({ articles__author__name: 'Cyd' }).orderBy('id').distinct(),
  ],
  [
    "Tag.objects.exclude(articles__author__name='Ada').order_by('id')",
    () => Tag.objects.exclude({ articles__author__name: 'Ada' }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(rating=4.5).order_by('id')",
    () => Article.objects.exclude({ rating: 4.5 }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(rating__gt=3).order_by('id')",
    () => Article.objects.exclude({ rating__gt: 3 }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(rating__isnull=True).order_by('id')",
    () => Article.objects.exclude({ rating__isnull: true }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(editor__name='Ada').order_by('id')",
    () => Article.objects.exclude({ editor__name: 'Ada' }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(editor__age=36).order_by('id')",
    () => Article.objects.exclude({ editor__age: 36 }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(publisher__country='gb', featured=True).order_by('id')",
    () => Article.objects.exclude({ publisher__country: 'gb', featured: true }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(Q(publisher__country='gb') | Q(votes=5)).order_by('id')",
    () => Article.objects.exclude(Q({ publisher__country: 'gb' }).or(Q({ votes: 5 }))).orderBy('id'),
  ],
  [
    "Article.objects.filter(Q(votes=10) | Q(votes=0)).order_by('id')",
    () => Article.objects.filter(Q({ votes: 10 }).or(Q({ votes: 0 }))).orderBy('id'),
  ],
  [
    "Article.objects.filter(Q(votes=5) & ~Q(title='Looms')).order_by('id')",
    () => Article.objects.filter(Q({ votes: 5 }).and(Q({ title: 'Looms' }).not())).orderBy('id'),
  ],
  [
    "Article.objects.filter(~Q(rating__gt=2)).order_by('id')",
    () => Article.objects.filter(Q({ rating__gt: 2 }).not()).orderBy('id'),
  ],
  [
    "Article.objects.filter(~~Q(rating__gt=2)).order_by('id')",
    () => Article.objects.filter(Q({ rating__gt: 2 }).not().not()).orderBy('id'),
  ],
  [
    "Article.objects.filter(~(Q(rating__gt=2) | Q(editor__name='Bob'))).order_by('id')",
    () =>
      Article.objects
        .filter(
          Q({ rating__gt: 2 })
            .or(Q({ editor__name: 'Bob' }))
            .not(),
        )
        .orderBy('id'),
  ],
  [
    "Article.objects.filter(Q(editor__name='Bob') | Q(publisher__name='Kiepert')).order_by('id')",
    () =>
      Article.objects.filter(Q({ editor__name: 'Bob' }).or(Q({ publisher__name: 'Kiepert' }))).orderBy('id'),
  ],
  [
    "Article.objects.filter(Q(tags__label='blue') | Q(comments__score__gt=4)).order_by('id').distinct()",
    () =>
      Article.objects
        .filter(Q({ tags__label: 'blue' }).or(Q({ comments__score__gt: 4 })))
        .orderBy('id')
        .distinct(),
  ],
  ['Article.objects.filter(Q(), votes=10)', () => Article.objects.filter(Q(), { votes: 10 })],
  [
    "Article.objects.filter(votes__gt=F('rating')).order_by('id')",
    () => Article.objects.filter({ votes__gt: F('rating') }).orderBy('id'),
  ],
  [
    "Article.objects.filter(author=F('editor__mentor')).order_by('id')",
    () => Article.objects.filter({ author__exact: F('editor__mentor') }).orderBy('id'),
  ],
  [
    "Article.objects.filter(votes__gte=F('author__age') - 31).order_by('id')",
    () => Article.objects.filter({ votes__gte: F('author__age').subtract(31) }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(votes=F('rating')).order_by('id')",
    () => Article.objects.exclude({ votes: F('rating') }).orderBy('id'),
  ],
  [
    "Comment.objects.filter(parent__article=F('article')).order_by('id')",
    () => Comment.objects.filter({ parent__article: F('article') }).orderBy('id'),
  ],
  ['Article.objects.filter(pk=2)', () => Article.objects.filter({ pk: 2 })],
  [
    "Article.objects.filter(pk__in=[1, 2, 99]).order_by('pk')",
    () => Article.objects.filter({ pk__in: [1, 2, 99] }).orderBy('pk'),
  ],
  ["Article.objects.filter(id='3')", () => Article.objects.filter(Q({ id: '3' }))],
  ["Article.objects.get(slug='dance')", () => Article.objects.get({ slug: 'dance' })],
  ["Article.objects.get(slug='nothing')", () => Article.objects.get({ slug: 'nothing' })],
  ['Article.objects.get(votes=5)', () => Article.objects.get({ votes: 5 })],
  [
    "Article.objects.get(votes__gt=0, author__name='Bob')",
    () => Article.objects.get({ votes__gt: 0, author__name: 'Bob' }),
  ],
  ['Author.objects.first()', () => Author.objects.first()],
  ['Author.objects.last()', () => Author.objects.last()],
  ['Article.objects.first()', () => Article.objects.first()],
  ['Article.objects.last()', () => Article.objects.last()],
  ['Article.objects.filter(votes=99).first()', () => Article.objects.filter({ votes: 99 }).first()],
  ["Article.objects.order_by('-votes').last()", () => Article.objects.orderBy('-votes').last()],
  ["Article.objects.earliest('published_at')", () => Article.objects.earliest('publishedAt')],
  ["Article.objects.latest('published_at')", () => Article.objects.latest('publishedAt')],
  ['Article.objects.count()', () => Article.objects.count()],
  [
    "Article.objects.filter(tags__label__in=['red', 'green']).count()",
    () => Article.objects.filter({ tags__label__in: ['red', 'green'] }).count(),
  ],
  [
    "Article.objects.filter(tags__label__in=['red', 'green']).distinct().count()",
    () =>
      Article.objects
        .filter({ tags__label__in: ['red', 'green'] })
        .distinct()
        .count(),
  ],
  ['Article.objects.all()[1:4].count()', () => Article.objects.all().slice(1, 4).count()],
  ['Article.objects.all()[4:].count()', () => Article.objects.all().slice(4).count()],
  ['Article.objects.filter(votes=99).exists()', () => Article.objects.filter({ votes: 99 }).exists()],
  ['Article.objects.filter(votes=5).exists()', () => Article.objects.filter({ votes: 5 }).exists()],
  [
    "Article.objects.order_by('id').values('id', 'title')",
    () => Article.objects.orderBy('id').values('id', 'title'),
  ],
  ["Article.objects.order_by('id').values()", () => Article.objects.orderBy('id').values()],
  [
    "Author.objects.values('name', 'mentor', 'mentor_id', 'mentor__name')",
    () => Author.objects.values('name', 'mentor', 'mentorId', 'mentor__name'),
  ],
  [
    "Author.objects.values('name', 'articles__title').order_by('name', 'articles__id')",
    () => Author.objects.values('name', 'articles__title').orderBy('name', 'articles__id'),
  ],
  ["Author.objects.values('profile__bio', 'born')", () => Author.objects.values('profile__bio', 'born')],
  [
    "Article.objects.order_by('id').values_list('title', 'author__name')",
    () => Article.objects.orderBy('id').valuesList('title', 'author__name'),
  ],
  [
    "Article.objects.order_by('id').values_list('price', flat=True)",
    () => Article.objects.orderBy('id').valuesList('price', { flat: true }),
  ],
  [
    "Article.objects.order_by('id').values_list('views', 'uid', 'meta', 'featured', 'published_at', 'rating')",
    () =>
      Article.objects.orderBy('id').valuesList('views', 'uid', 'meta', 'featured', 'publishedAt', 'rating'),
  ],
  [
    "Article.objects.order_by('votes').values_list('votes', flat=True).distinct()",
    () => Article.objects.orderBy('votes').valuesList('votes', { flat: true }).distinct(),
  ],
  [
    "Article.objects.values('author__name').distinct().order_by('author__name')",
    () => Article.objects.values('author__name').distinct().orderBy('author__name'),
  ],
  [
    "Article.objects.values('status').distinct().count()",
    () => Article.objects.values('status').distinct().count(),
  ],
  [
    "Article.objects.aggregate(n=Count('id'), total=Sum('votes'), mean=Avg('votes'), low=Min('votes'), high=Max('votes'))",
    () =>
      Article.objects.aggregate({
        n: Count('id'),
        total: Sum('votes'),
        mean: Avg('votes'),
        low: Min('votes'),
        high: Max('votes'),
      }),
  ],
  [
    "Article.objects.aggregate(n=Count('rating'), mean=Avg('rating'))",
    () => Article.objects.aggregate({ n: Count('rating'), mean: Avg('rating') }),
  ],
  [
    "places(2, Article.objects.aggregate(total=Sum('price'), top=Max('price')))",
    () => Article.objects.aggregate({ total: Sum('price'), top: Max('price') }),
  ],
  [
    "places(4, Article.objects.aggregate(mean=Avg('price')))",
    () => Article.objects.aggregate({ mean: Avg('price') }),
  ],
  [
    "Article.objects.aggregate(last=Max('published_at'), first=Min('published_at'))",
    () => Article.objects.aggregate({ last: Max('publishedAt'), first: Min('publishedAt') }),
  ],
  ["Article.objects.aggregate(views=Sum('views'))", () => Article.objects.aggregate({ views: Sum('views') })],
  [
    "Article.objects.filter(votes=99).aggregate(s=Sum('votes'), n=Count('id'))",
    () => Article.objects.filter({ votes: 99 }).aggregate({ s: Sum('votes'), n: Count('id') }),
  ],
  [
    "Article.objects.aggregate(n=Count('author', distinct=True))",
    () => Article.objects.aggregate({ n: Count('author', { distinct: true }) }),
  ],
  [
    "Article.objects.aggregate(n=Count('id', filter=Q(votes__gt=4)), s=Sum('votes', filter=Q(author__name='Ada')))",
    () =>
      Article.objects.aggregate({
        n: Count('id', { filter: Q({ votes__gt: 4 }) }),
        s: Sum('votes', { filter: Q({ author__name: 'Ada' }) }),
      }),
  ],
  [
    "Article.objects.order_by('-votes')[:3].aggregate(s=Sum('votes'), n=Count('*'))",
    () =>
      Article.objects
        .orderBy('-votes')
        .slice(0, 3)
        .aggregate({ s: Sum('votes'), n: Count('*') }),
  ],
  [
    "Author.objects.aggregate(total=Sum('articles__votes'), c=Count('articles__comments'))",
    () => Author.objects.aggregate({ total: Sum('articles__votes'), c: Count('articles__comments') }),
  ],
  [
    "Article.objects.aggregate(s=Sum(F('votes') * 2 + 1))",
    () => Article.objects.aggregate({ s: Sum(F('votes').multiply(2).add(1)) }),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).aggregate(a=Avg('n'), m=Max('n'))",
    () => Author.objects.annotate({ n: Count('articles') }).aggregate({ a: Avg('n'), m: Max('n') }),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).order_by('name').values('name', 'n')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .orderBy('name')
        .values('name', 'n'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).order_by('-n', 'name').values_list('name', 'n')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .orderBy('-n', 'name')
        .valuesList('name', 'n'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).filter(n__gt=1).order_by('id')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .filter({ n__gt: 1 })
        .orderBy('id'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).exclude(n=1).order_by('id')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .exclude({ n__exact: 1 })
        .orderBy('id'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).filter(n__gt=1).count()",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .filter({ n__gt: 1 })
        .count(),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).filter(Q(n__gt=1) | Q(age=36)).order_by('id')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .filter(Q({ n__gt: 1 }).or(Q({ age: 36 })))
        .orderBy('id'),
  ],
  [
    "Author.objects.filter(articles__votes__gt=4).annotate(n=Count('articles')).order_by('id').values('id', 'n')",
    () =>
      Author.objects
        .filter({ articles__votes__gt: 4 })
        .annotate({ n: Count('articles') })
        .orderBy('id')
        .values('id', 'n'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).filter(articles__votes__gt=4).order_by('id').values('id', 'n')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .filter({ articles__votes__gt: 4 })
        .orderBy('id')
        .values('id', 'n'),
  ],
  [
    "Author.objects.annotate(a=Count('articles', distinct=True), p=Count('pupils', distinct=True)).order_by('id').values('a', 'p')",
    () =>
      Author.objects
        .annotate({ a: Count('articles', { distinct: true }), p: Count('pupils', { distinct: true }) })
        .orderBy('id')
        .values('a', 'p'),
  ],
  [
    "Author.objects.annotate(a=Count('articles'), p=Count('pupils')).order_by('id').values('a', 'p')",
    () =>
      Author.objects
        .annotate({ a: Count('articles'), p: Count('pupils') })
        .orderBy('id')
        .values('a', 'p'),
  ],
  [
    "Author.objects.annotate(best=Max('articles__rating'), s=Sum('articles__votes')).order_by('id').values('best', 's')",
    () =>
      Author.objects
        .annotate({ best: Max('articles__rating'), s: Sum('articles__votes') })
        .orderBy('id')
        .values('best', 's'),
  ],
  [
    "Article.objects.values('author').annotate(n=Count('id')).order_by('author')",
    () =>
      Article.objects
        .values('author')
        .annotate({ n: Count('id') })
        .orderBy('authorId'),
  ],
  [
    "Article.objects.values('status').annotate(n=Count('id'), v=Sum('votes')).order_by('status')",
    () =>
      Article.objects
        .values('status')
        .annotate({ n: Count('id'), v: Sum('votes') })
        .orderBy('status'),
  ],
  [
    "Article.objects.values('author__name').annotate(v=Sum('votes')).filter(v__gt=5).order_by('-v')",
    () =>
      Article.objects
        .values('author__name')
        .annotate({ v: Sum('votes') })
        .filter({ v__gt: 5 })
        .orderBy('-v'),
  ],
  [
    "Article.objects.values('author').annotate(n=Count('id')).count()",
    () =>
      Article.objects
        .values('author')
        .annotate({ n: Count('id') })
        .count(),
  ],
  [
    "Article.objects.annotate(double=F('votes') * 2).order_by('id').values_list('double', flat=True)",
    () =>
      Article.objects
        .annotate({ double: F('votes').multiply(2) })
        .orderBy('id')
        .valuesList('double', { flat: true }),
  ],
  [
    "Article.objects.annotate(double=F('votes') * 2).filter(double__gt=10).order_by('id')",
    () =>
      Article.objects
        .annotate({ double: F('votes').multiply(2) })
        .filter({ double__gt: 10 })
        .orderBy('id'),
  ],
  [
    "Article.objects.annotate(half=F('votes') / 2).order_by('id').values_list('half', flat=True)",
    () =>
      Article.objects
        .annotate({ half: F('votes').divide(2) })
        .orderBy('id')
        .valuesList('half', { flat: true }),
  ],
  [
    "Article.objects.annotate(who=F('author__name')).order_by('id').values('who')",
    () =>
      Article.objects
        .annotate({ who: F('author__name') })
        .orderBy('id')
        .values('who'),
  ],
  [
    "Article.objects.annotate(t=Upper('slug'), l=Length('slug')).order_by('id').values('t', 'l')",
    () =>
      Article.objects
        .annotate({ t: Upper('slug'), l: Length('slug') })
        .orderBy('id')
        .values('t', 'l'),
  ],
  [
    "Article.objects.annotate(r=Coalesce('rating', Value(0.0))).order_by('r', 'id').values_list('r', flat=True)",
    () =>
      Article.objects
        .annotate({ r: Coalesce('rating', Value(0)) })
        .orderBy('r', 'id')
        .valuesList('r', { flat: true }),
  ],
  [
    "Author.objects.annotate(c=Concat('name', Value('!'))).values_list('c', flat=True)",
    () => Author.objects.annotate({ c: Concat('name', Value('!')) }).valuesList('c', { flat: true }),
  ],
  [
    "Author.objects.annotate(n=Count('articles', filter=Q(articles__votes__gt=4))).values_list('name', 'n').order_by('name')",
    () =>
      Author.objects
        .annotate({ n: Count('articles', { filter: Q({ articles__votes__gt: 4 }) }) })
        .valuesList('name', 'n')
        .orderBy('name'),
  ],
  [
    "Publisher.objects.annotate(n=Count('articles__author', distinct=True)).order_by('id').values('name', 'n')",
    () =>
      Publisher.objects
        .annotate({ n: Count('articles__author', { distinct: true }) })
        .orderBy('id')
        .values('name', 'n'),
  ],
  ['Article.objects.in_bulk([1, 3])', () => Article.objects.inBulk([1, 3])],
  ["Article.objects.in_bulk(['dance'], field_name='slug')", () => Article.objects.inBulk(['dance'], 'slug')],
  ['Article.objects.none()', () => Article.objects.none()],
  ['Article.objects.none().count()', () => Article.objects.none().count()],
  [
    "[a.author.name for a in Article.objects.select_related('author').order_by('id')]",
    () =>
      Article.objects
        .selectRelated('author')
        .orderBy('id')
        .toArray()
        .then((rows) => rows.map((a) => a.author.name)),
  ],
  [
    "[a.editor and a.editor.name for a in Article.objects.select_related('editor').order_by('id')]",
    () =>
      Article.objects
        .selectRelated('editor')
        .orderBy('id')
        .toArray()
        .then((rows) => rows.map((a) => a.editor && a.editor.name)),
  ],
  [
    "[a.author.mentor and a.author.mentor.name for a in Article.objects.select_related('author__mentor').order_by('id')]",
    () =>
      Article.objects
        .selectRelated('author__mentor')
        .orderBy('id')
        .toArray()
        .then((rows) => rows.map((a) => a.author.mentor && a.author.mentor.name)),
  ],
  [
    "[[t.label for t in a.tags.all()] for a in Article.objects.prefetch_related('tags').order_by('id')]",
    () =>
      Article.objects
        .prefetchRelated('tags')
        .orderBy('id')
        .toArray()
        .then((rows) => Promise.all(rows.map(async (a) => (await a.tags.all()).map((t) => t.label)))),
  ],
  [
    "[[c.text for c in a.comments.all()] for a in Article.objects.prefetch_related('comments').order_by('id')]",
    () =>
      Article.objects
        .prefetchRelated('comments')
        .orderBy('id')
        .toArray()
        .then((rows) => Promise.all(rows.map(async (a) => (await a.related(Comment)).map((c) => c.text)))),
  ],
  [
    "Article.objects.filter(status='p').update(votes=F('votes') + 1)",
    () => Article.objects.published().update({ votes: F('votes').add(1) }),
  ],
  [
    "Article.objects.filter(author__name='Ada').update(featured=True)",
    () => Article.objects.filter({ author__name: 'Ada' }).update({ featured: true }),
  ],
  ['Article.objects.update(author=2)', () => Article.objects.update({ author: 2 })],
  [
    "[Article.objects.update(editor=None), Author.objects.get(name='Ada').delete()[0], Author.objects.values_list('name', 'mentor')]",
    async () => [
      await Article.objects.update({ editor: null }),
      (await (await Author.objects.get({ name: 'Ada' })).delete()).total,
      await Author.objects.valuesList('name', 'mentor'),
    ],
  ],
  [
    "Article.objects.filter(tags__label='blue').delete()[0]",
    () =>
      Article.objects
        .filter({ tags__label: 'blue' })
        .delete()
        .then((r) => r.total),
  ],
  [
    "Comment.objects.filter(text='spam').delete()[0]",
    () =>
      Comment.objects
        .filter({ text: 'spam' })
        .delete()
        .then((r) => r.total),
  ],
  ["Author.objects.filter(name='Bob').delete()", () => Author.objects.filter({ name: 'Bob' }).delete()],
  [
    'Tag.objects.all().delete()[0]',
    () =>
      Tag.objects
        .all()
        .delete()
        .then((r) => r.total),
  ],
  [
    '[Publisher.objects.all().delete()[0], Article.objects.filter(publisher=None).count()]',
    () =>
      Publisher.objects
        .all()
        .delete()
        .then(async (r) => [r.total, await Article.objects.filter({ publisher: null }).count()]),
  ],
  [
    "Article.objects.get_or_create(slug='looms', defaults={'title': 'x'})[1]",
    () => Article.objects.getOrCreate({ slug: 'looms' }, { defaults: { title: 'x' } }).then((r) => r[1]),
  ],
  [
    "Article.objects.get_or_create(slug='new', defaults={'title': 'x', 'author_id': 1})[1]",
    () =>
      Article.objects
        .getOrCreate({ slug: 'new' }, { defaults: { title: 'x', authorId: 1 } })
        .then((r) => r[1]),
  ],
  [
    "Article.objects.update_or_create(slug='looms', defaults={'title': 'y'})[0].title",
    () =>
      Article.objects.updateOrCreate({ slug: 'looms' }, { defaults: { title: 'y' } }).then((r) => r[0].title),
  ],
  ['Article.objects.filter(nope=1)', () => Article.objects.filter(Q({ nope: 1 }))],
  ['Article.objects.filter(author__nope=1)', () => Article.objects.filter({ author__nope: 1 })],
  ["Article.objects.order_by('nope')", () => Article.objects.orderBy('nope')],
  ["Article.objects.values('author__nope')", () => Article.objects.values('author__nope')],
  ["Article.objects.values('title__nope')", () => Article.objects.values('title__nope')],
  ...countedCases,
  ...expressionCases,
  ...methodCases,
]
