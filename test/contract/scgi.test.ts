import { cgiHead } from '../../src/gateway/cgi-head.ts'
import { ScgiRequestDecoder } from '../../src/protocol/scgi/request-decoder.ts'
import { encodeRequest } from '../../src/protocol/scgi/request-encoder.ts'
import { describeGatewayPair } from './gateway-contract.ts'
import { exchangeOnOneConnection } from './one-connection.ts'

describeGatewayPair(
  'SCGI',
  {
    exchange: (request, application, pieceSize) =>
      exchangeOnOneConnection(
        { encode: encodeRequest, decoder: new ScgiRequestDecoder(), head: cgiHead },
        request,
        application,
        pieceSize,
      ),
  },
  {
    'values with every octet, empty ones, long ones': {
      expected: { refused: 'SCGI_NUL' },
      reason: 'a NUL ends a value',
    },
    'a request without a body': {
      expected: { body: Buffer.from('CONTENT_LENGTH=0\nPATH_INFO=/a b\nQUERY_STRING=x=%20\n') },
      reason: 'a length is always said',
    },
    'names and headers that must not become variables': {
      expected: {
        body: Buffer.from('CONTENT_LENGTH=0\nHTTP_A=1, 2\nHTTP_COOKIE=a=1; b=2\nPATH_INFO=\nQUERY_STRING=\n'),
      },
      reason: 'a length is always said',
    },
  },
)
