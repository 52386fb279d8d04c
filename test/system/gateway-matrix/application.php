<?php
// What the matrix asks of every application, by the first segment of the path.
$marks = __DIR__ . '/marks';
[, $view, $mark] = explode('/', $_SERVER['DOCUMENT_URI'] . '/');
header('Content-Type: text/plain');
function piece($bytes) { echo $bytes; flush(); }
switch ($view) {
  case 'hello':
    header('Content-Length: 6');
    echo "hello\n";
    break;
  case 'environ':
    header('Content-Type: application/json');
    echo json_encode(array_filter($_SERVER, 'is_string'));
    break;
  case 'digest':
    $body = file_get_contents('php://input');
    echo implode(' ', [$_SERVER['REQUEST_METHOD'], $_SERVER['CONTENT_LENGTH'] ?? '', strlen($body),
      hash('sha256', $body), $_SERVER['QUERY_STRING']]);
    break;
  case 'fields':
    http_response_code(201);
    header('Set-Cookie: a=1', false);
    header('Set-Cookie: b=2', false);
    header("X-Latin: caf\xe9");
    echo 'fields';
    break;
  case 'missing':
    http_response_code(404);
    echo "nothing here\n";
    break;
  case 'nothing':
    http_response_code(204);
    header_remove('Content-Type');
    break;
  case 'elsewhere':
    header('Location: /elsewhere?x=y');
    break;
  case 'long':
    $told = array_filter($_SERVER, fn ($name) => str_starts_with($name, 'HTTP_X_LONG_'), ARRAY_FILTER_USE_KEY);
    echo count($told), ' ', array_sum(array_map('strlen', $told));
    break;
  case 'stream':
    header('X-Accel-Buffering: no');
    piece("first\n");
    for ($i = 0; $i < 2000 && !file_exists("$marks/go-$mark"); $i++) { usleep(10000); clearstatcache(); }
    piece("last\n");
    break;
  case 'large':
    for ($number = 0; $number < 64; $number++) piece(str_repeat(chr($number), 65536));
    break;
  case 'boom':
    throw new RuntimeException("broken on purpose $mark");
  case 'half':
    header('X-Accel-Buffering: no');
    header('Content-Length: 10');
    piece('half');
    usleep(50000);
    throw new RuntimeException('broken half-way');
  case 'forever':
    header('X-Accel-Buffering: no');
    register_shutdown_function(function () use ($marks, $mark) {
      if (connection_aborted()) touch("$marks/gone-$mark");
    });
    for ($i = 0; $i < 1000; $i++) { piece("tick\n"); usleep(20000); }
}
