import { statusLineHead } from '../../src/gateway/cgi-head.ts'
import { UwsgiRequestDecoder } from '../../src/protocol/uwsgi/request-decoder.ts'
import { encodeRequest } from '../../src/protocol/uwsgi/request-encoder.ts'
import { describeGatewayPair } from './gateway-contract.ts'
import { exchangeOnOneConnection } from './one-connection.ts'

describeGatewayPair(
  'uwsgi',
  {
    exchange: (request, application, pieceSize) =>
      exchangeOnOneConnection(
        { encode: encodeRequest, decoder: new UwsgiRequestDecoder(), head: statusLineHead },
        request,
        application,
        pieceSize,
      ),
  },
  {
    '100 KB of variables': {
      expected: { refused: 'UWSGI_REQUEST_TOO_LARGE' },
      reason: 'the size field has 16 bits',
    },
  },
)
