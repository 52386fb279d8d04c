import {
  Avg,
  Case,
  Coalesce,
  Count,
  Exists,
  F,
  Lower,
  Max,
  OuterRef,
  Q,
  Subquery,
  Sum,
  Value,
  When,
} from '../../../../src/entry/web.ts'
import { Article, Author, Comment, Publisher, Tag } from './library.ts'
import type { ParityCase } from './parity-case.ts'

/** What is counted, cut, put together and changed, where each of these stands beside another. */
const voted = (votes: number) => Article.objects.filter({ votes }).values('votes')

export const countedCases: readonly ParityCase[] = [
  [
    "Article.objects.filter(votes=10).values('votes').union(Article.objects.filter(votes=5).values('votes'))[5:].exists()",
    () => voted(10).union(voted(5)).slice(5).exists(),
  ],
  [
    "Article.objects.values('votes').distinct().order_by('title')[:6].count()",
    () => Article.objects.values('votes').distinct().orderBy('title').slice(0, 6).count(),
  ],
  [
    "Article.objects.values('votes').distinct().order_by('votes')[1:].count()",
    () => Article.objects.values('votes').distinct().orderBy('votes').slice(1).count(),
  ],
  [
    "Article.objects.annotate(label=F('tags__label')).distinct().count()",
    () =>
      Article.objects
        .annotate({ label: F('tags__label') })
        .distinct()
        .count(),
  ],
  [
    'Article.objects.filter(tags__isnull=False).distinct().count()',
    () => Article.objects.filter({ tags__isnull: false }).distinct().count(),
  ],
  [
    "Article.objects.order_by('id')[:6].aggregate(n=Count('*'), b=Count('id', filter=Q(editor__name='Bob')))",
    () =>
      Article.objects
        .orderBy('id')
        .slice(0, 6)
        .aggregate({ n: Count('*'), b: Count('id', { filter: Q({ editor__name: 'Bob' }) }) }),
  ],
  [
    "Article.objects.distinct().aggregate(n=Count('*'), b=Sum('votes', filter=Q(publisher__country='de')))",
    () =>
      Article.objects
        .distinct()
        .aggregate({ n: Count('*'), b: Sum('votes', { filter: Q({ publisher__country: 'de' }) }) }),
  ],
  [
    "Article.objects.values('author').annotate(n=Count('id')).filter(Q(n__gt=1) | Q(votes=-3)).order_by('author')",
    () =>
      Article.objects
        .values('author')
        .annotate({ n: Count('id') })
        .filter(Q({ n__gt: 1 }).or(Q({ votes: -3 })))
        .orderBy('author'),
  ],
  [
    "Article.objects.values('author').annotate(n=Count('id')).filter(n__gt=F('votes')).order_by('author')",
    () =>
      Article.objects
        .values('author')
        .annotate({ n: Count('id') })
        .filter({ n__gt: F('votes') })
        .orderBy('author'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).first()",
    () => Author.objects.annotate({ n: Count('articles') }).first(),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).last()",
    () => Author.objects.annotate({ n: Count('articles') }).last(),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).order_by('-n', 'name').last()",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .orderBy('-n', 'name')
        .last(),
  ],
  [
    "Article.objects.filter(uid__startswith='01234567-89ab').count()",
    () => Article.objects.filter({ uid__startswith: '01234567-89ab' }).count(),
  ],
  [
    "Article.objects.filter(uid__icontains='67-89AB').count()",
    () => Article.objects.filter({ uid__icontains: '67-89AB' }).count(),
  ],
  [
    "Article.objects.filter(uid__iexact='01234567-89AB-CDEF-0123-456789ABCDEF').count()",
    () => Article.objects.filter({ uid__iexact: '01234567-89AB-CDEF-0123-456789ABCDEF' }).count(),
  ],
  [
    "places(4, Article.objects.aggregate(s=Sum(F('price') * F('price'))))",
    () => Article.objects.aggregate({ s: Sum(F('price').multiply(F('price'))) }),
  ],
  [
    "Article.objects.values('votes').distinct().aggregate(s=Sum('votes'), n=Count('votes'))",
    () =>
      Article.objects
        .values('votes')
        .distinct()
        .aggregate({ s: Sum('votes'), n: Count('votes') }),
  ],
  [
    "Article.objects.values('author').annotate(n=Count('id')).aggregate(m=Max('n'), s=Sum('n'))",
    () =>
      Article.objects
        .values('author')
        .annotate({ n: Count('id') })
        .aggregate({ m: Max('n'), s: Sum('n') }),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).filter(n__gt=0).aggregate(a=Avg('n'), c=Count('id'))",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .filter({ n__gt: 0 })
        .aggregate({ a: Avg('n'), c: Count('id') }),
  ],
  [
    "Author.objects.annotate(n=Count('articles', distinct=True), c=Count('articles__comments', distinct=True)).order_by('id').values_list('n', 'c')",
    () =>
      Author.objects
        .annotate({
          n: Count('articles', { distinct: true }),
          c: Count('articles__comments', { distinct: true }),
        })
        .orderBy('id')
        .valuesList('n', 'c'),
  ],
  [
    "Author.objects.annotate(n=Count('articles'), c=Count('edited')).order_by('id').values_list('n', 'c')",
    () =>
      Author.objects
        .annotate({ n: Count('articles'), c: Count('edited') })
        .orderBy('id')
        .valuesList('n', 'c'),
  ],
  [
    "Author.objects.filter(articles__votes__gt=4).annotate(n=Count('articles')).order_by('id').values_list('id', 'n')",
    () =>
      Author.objects
        .filter({ articles__votes__gt: 4 })
        .annotate({ n: Count('articles') })
        .orderBy('id')
        .valuesList('id', 'n'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).filter(articles__votes__gt=4).order_by('id').values_list('id', 'n')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .filter({ articles__votes__gt: 4 })
        .orderBy('id')
        .valuesList('id', 'n'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).exclude(articles__votes__gt=4).order_by('id').values_list('id', 'n')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .exclude({ articles__votes__gt: 4 })
        .orderBy('id')
        .valuesList('id', 'n'),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).exclude(n=0, age=36).order_by('id').values_list('id', 'n')",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .exclude({ n: 0, age: 36 })
        .orderBy('id')
        .valuesList('id', 'n'),
  ],
  [
    "Article.objects.annotate(low=Lower('title')).values('low').annotate(n=Count('id')).order_by('low')",
    () =>
      Article.objects
        .annotate({ low: Lower('title') })
        .values('low')
        .annotate({ n: Count('id') })
        .orderBy('low'),
  ],
  [
    "Article.objects.annotate(big=Case(When(votes__gt=4, then=Value(1)), default=Value(0), output_field=IntegerField())).values('big').annotate(n=Count('id')).order_by('big')",
    () =>
      Article.objects
        .annotate({ big: Case([When({ votes__gt: 4 }, Value(1))], { default: Value(0) }) })
        .values('big')
        .annotate({ n: Count('id') })
        .orderBy('big'),
  ],
  [
    "Article.objects.values('votes').annotate(n=Count('id')).values('n').order_by('n')",
    () =>
      Article.objects
        .values('votes')
        .annotate({ n: Count('id') })
        .values('n')
        .orderBy('n'),
  ],
  [
    "Article.objects.values('votes').annotate(n=Count('id')).values('n').distinct().count()",
    () =>
      Article.objects
        .values('votes')
        .annotate({ n: Count('id') })
        .values('n')
        .distinct()
        .count(),
  ],
  [
    "Article.objects.values_list('votes', flat=True).distinct().order_by('-votes')[1:3]",
    () => Article.objects.valuesList('votes', { flat: true }).distinct().orderBy('-votes').slice(1, 3),
  ],
  [
    "Article.objects.filter(votes__in=Article.objects.values('votes').annotate(n=Count('id')).filter(n__gt=1).values('votes')).order_by('id')",
    () =>
      Article.objects
        .filter({
          votes__in: Article.objects
            .values('votes')
            .annotate({ n: Count('id') })
            .filter({ n__gt: 1 })
            .values('votes'),
        })
        .orderBy('id'),
  ],
  [
    "Article.objects.filter(pk__in=Article.objects.order_by('-votes')[:2]).order_by('id')",
    () => Article.objects.filter({ pk__in: Article.objects.orderBy('-votes').slice(0, 2) }).orderBy('id'),
  ],
  [
    "Article.objects.exclude(pk__in=Article.objects.order_by('-votes')[:2]).order_by('id')",
    () => Article.objects.exclude({ pk__in: Article.objects.orderBy('-votes').slice(0, 2) }).orderBy('id'),
  ],
  [
    "Author.objects.exclude(id__in=Article.objects.exclude(editor=None).values('editor')).order_by('id')",
    () =>
      Author.objects
        .exclude({ id__in: Article.objects.exclude({ editor: null }).values('editor') })
        .orderBy('id'),
  ],
  [
    "Author.objects.exclude(articles__in=Article.objects.filter(votes=5)).order_by('id')",
    () => Author.objects.exclude({ articles__in: Article.objects.filter({ votes: 5 }) }).orderBy('id'),
  ],
  [
    "Author.objects.exclude(articles__editor=None).order_by('id')",
    () => Author.objects.exclude({ articles__editor: null }).orderBy('id'),
  ],
  [
    "Author.objects.exclude(articles__editor__age=50).order_by('id')",
    () => Author.objects.exclude({ articles__editor__age: 50 }).orderBy('id'),
  ],
  [
    "Author.objects.exclude(articles__votes=F('age')).order_by('id')",
    () => Author.objects.exclude({ articles__votes: F('age') }).orderBy('id'),
  ],
  [
    "Author.objects.filter(articles__votes=5, articles__tags__label='blue').order_by('id')",
    () => Author.objects.filter({ articles__votes: 5, articles__tags__label: 'blue' }).orderBy('id'),
  ],
  [
    "Author.objects.filter(articles__votes=10).filter(articles__tags__label='blue').order_by('id')",
    () =>
      Author.objects.filter({ articles__votes: 10 }).filter({ articles__tags__label: 'blue' }).orderBy('id'),
  ],
  [
    "Author.objects.filter(Q(articles__votes=10) | Q(pupils__age=50)).order_by('id')",
    () => Author.objects.filter(Q({ articles__votes: 10 }).or(Q({ pupils__age: 50 }))).orderBy('id'),
  ],
  [
    "Author.objects.annotate(n=Subquery(Article.objects.filter(author=OuterRef('pk')).order_by().values('author').annotate(c=Count('pk')).values('c'))).order_by('id').values_list('id', 'n')",
    () =>
      Author.objects
        .annotate({
          n: Subquery(
            Article.objects
              .filter({ author: OuterRef('pk') })
              .orderBy()
              .values('author')
              .annotate({ c: Count('pk') })
              .values('c'),
          ),
        })
        .orderBy('id')
        .valuesList('id', 'n'),
  ],
  [
    "Author.objects.filter(~Exists(Article.objects.filter(author=OuterRef('pk'), votes__gt=4))).order_by('id')",
    () =>
      Author.objects
        .filter(Exists(Article.objects.filter({ author: OuterRef('pk'), votes__gt: 4 })).not())
        .orderBy('id'),
  ],
  [
    "Article.objects.aggregate(s=Coalesce(Sum('votes', filter=Q(votes__gt=99)), Value(0)), n=Count('editor'), m=Max('rating', filter=Q(votes=99)))",
    () =>
      Article.objects.aggregate({
        s: Coalesce(Sum('votes', { filter: Q({ votes__gt: 99 }) }), Value(0)),
        n: Count('editor'),
        m: Max('rating', { filter: Q({ votes: 99 }) }),
      }),
  ],
  [
    "Article.objects.filter(tags__label='red').aggregate(s=Sum('votes'), n=Count('*'), t=Count('tags'))",
    () =>
      Article.objects
        .filter({ tags__label: 'red' })
        .aggregate({ s: Sum('votes'), n: Count('*'), t: Count('tags') }),
  ],
  [
    "Article.objects.exclude(editor__age__gt=40).aggregate(s=Sum('votes'), n=Count('*'))",
    () => Article.objects.exclude({ editor__age__gt: 40 }).aggregate({ s: Sum('votes'), n: Count('*') }),
  ],
  [
    "Author.objects.order_by('-age', 'id').values_list('id', flat=True)",
    () => Author.objects.orderBy('-age', 'id').valuesList('id', { flat: true }),
  ],
  [
    "Article.objects.order_by('editor__age', '-id').values_list('id', flat=True)",
    () => Article.objects.orderBy('editor__age', '-id').valuesList('id', { flat: true }),
  ],
  [
    "Article.objects.order_by('editor__age', '-id').reverse().values_list('id', flat=True)[1:4]",
    () =>
      Article.objects.orderBy('editor__age', '-id').reverse().valuesList('id', { flat: true }).slice(1, 4),
  ],
  [
    "Article.objects.filter(author__age=36).update(votes=F('votes') + 1) + Article.objects.filter(votes=11).count()",
    async () =>
      (await Article.objects.filter({ author__age: 36 }).update({ votes: F('votes').add(1) })) +
      (await Article.objects.filter({ votes: 11 }).count()),
  ],
  [
    "[Article.objects.filter(tags__label='red').update(votes=F('votes') + 1), list(Article.objects.order_by('id').values_list('votes', flat=True))]",
    async () => [
      await Article.objects.filter({ tags__label: 'red' }).update({ votes: F('votes').add(1) }),
      await Article.objects.orderBy('id').valuesList('votes', { flat: true }),
    ],
  ],
  [
    "[Article.objects.exclude(tags__label='red').update(rating=None), Article.objects.filter(rating=None).count()]",
    async () => [
      await Article.objects.exclude({ tags__label: 'red' }).update({ rating: null }),
      await Article.objects.filter({ rating: null }).count(),
    ],
  ],
  [
    "[Article.objects.annotate(n=Count('tags')).filter(n=2).update(votes=99), list(Article.objects.order_by('id').values_list('votes', flat=True))]",
    async () => [
      await Article.objects
        .annotate({ n: Count('tags') })
        .filter({ n: 2 })
        .update({ votes: 99 }),
      await Article.objects.orderBy('id').valuesList('votes', { flat: true }),
    ],
  ],
  [
    "[Article.objects.update(votes=F('votes') * 2), list(Article.objects.order_by('id').values_list('votes', flat=True))]",
    async () => [
      await Article.objects.update({ votes: F('votes').multiply(2) }),
      await Article.objects.orderBy('id').valuesList('votes', { flat: true }),
    ],
  ],
  [
    "[Article.objects.filter(comments__isnull=False).update(votes=Subquery(Comment.objects.filter(article=OuterRef('pk')).order_by('-score').values('score')[:1])), list(Article.objects.order_by('id').values_list('votes', flat=True))]",
    async () => [
      await Article.objects.filter({ comments__isnull: false }).update({
        votes: Subquery(
          Comment.objects
            .filter({ article: OuterRef('pk') })
            .orderBy('-score')
            .values('score')
            .slice(0, 1),
        ),
      }),
      await Article.objects.orderBy('id').valuesList('votes', { flat: true }),
    ],
  ],
  [
    "[Comment.objects.filter(article__author__name='Ada').delete()[0], list(Comment.objects.order_by('id').values_list('id', flat=True))]",
    async () => [
      (await Comment.objects.filter({ article__author__name: 'Ada' }).delete()).total,
      await Comment.objects.orderBy('id').valuesList('id', { flat: true }),
    ],
  ],
  [
    '[Tag.objects.filter(articles__votes__gt=4).distinct().count(), Tag.objects.filter(articles__votes__gt=4).count()]',
    async () => [
      await Tag.objects.filter({ articles__votes__gt: 4 }).distinct().count(),
      await Tag.objects.filter({ articles__votes__gt: 4 }).count(),
    ],
  ],
  [
    "[Tag.objects.annotate(n=Count('articles')).filter(n=0).delete()[0], Tag.objects.count()]",
    async () => [
      (
        await Tag.objects
          .annotate({ n: Count('articles') })
          .filter({ n: 0 })
          .delete()
      ).total,
      await Tag.objects.count(),
    ],
  ],
  [
    "[Publisher.objects.exclude(articles=None).delete()[0], list(Article.objects.order_by('id').values_list('publisher', flat=True))]",
    async () => [
      (await Publisher.objects.exclude(Q({ articles: null })).delete()).total,
      await Article.objects.orderBy('id').valuesList('publisher', { flat: true }),
    ],
  ],
  [
    "Publisher.objects.annotate(n=Count('articles'), a=Avg('articles__votes')).order_by(F('a').desc(nulls_last=True)).values_list('name', 'n', 'a')",
    () =>
      Publisher.objects
        .annotate({ n: Count('articles'), a: Avg('articles__votes') })
        .orderBy(F('a').desc({ nulls: 'last' }))
        .valuesList('name', 'n', 'a'),
  ],
  [
    "Article.objects.values('publisher__name').annotate(z=Sum('votes')).order_by('publisher__name').exists()",
    () =>
      Article.objects
        .values('publisher__name')
        .annotate({ z: Sum('votes') })
        .orderBy('publisher__name')
        .exists(),
  ],
  [
    "Article.objects.values('publisher__name').distinct().order_by('publisher__name')[2:5].exists()",
    () =>
      Article.objects.values('publisher__name').distinct().orderBy('publisher__name').slice(2, 5).exists(),
  ],
  [
    "Article.objects.distinct().order_by('author__name', 'pk')[5:7].exists()",
    () => Article.objects.distinct().orderBy('author__name', 'pk').slice(5, 7).exists(),
  ],
  [
    "Author.objects.annotate(n=Count('articles')).aggregate(u=Count('articles'), v=Sum('articles__votes'))",
    () =>
      Author.objects
        .annotate({ n: Count('articles') })
        .aggregate({ u: Count('articles'), v: Sum('articles__votes') }),
  ],
  [
    "Author.objects.exclude(pk__in=Author.objects.annotate(t=F('articles__votes')).distinct().order_by('age', 't', 'pk').values('pk')[1:4]).order_by('pk')",
    () =>
      Author.objects
        .exclude({
          pk__in: Author.objects
            .annotate({ t: F('articles__votes') })
            .distinct()
            .orderBy('age', 't', 'pk')
            .values('id')
            .slice(1, 4),
        })
        .orderBy('pk'),
  ],
  [
    "Author.objects.filter(articles__votes__lt=8).filter(articles__votes__gt=4).annotate(n=Count('articles', distinct=True), s=Max('articles__votes')).order_by('id').values_list('id', 'n', 's')",
    () =>
      Author.objects
        .filter({ articles__votes__lt: 8 })
        .filter({ articles__votes__gt: 4 })
        .annotate({ n: Count('articles', { distinct: true }), s: Max('articles__votes') })
        .orderBy('id')
        .valuesList('id', 'n', 's'),
  ],
]
