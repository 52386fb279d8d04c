<?php
// What the tests ask of an application, by ?do=
$do = $_GET['do'] ?? 'echo';
$pattern = str_repeat("0123456789abcdef", 65536);
switch ($do) {
  case 'echo':
    $body = file_get_contents('php://input');
    header('Content-Type: text/plain');
    foreach (['REQUEST_METHOD', 'SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'REQUEST_URI', 'CONTENT_TYPE', 'CONTENT_LENGTH', 'SERVER_PROTOCOL', 'REMOTE_ADDR', 'SERVER_NAME', 'HTTPS'] as $name)
      echo "$name=", $_SERVER[$name] ?? '(none)', "\n";
    $fields = array_filter($_SERVER, fn ($name) => str_starts_with($name, 'HTTP_'), ARRAY_FILTER_USE_KEY);
    ksort($fields);
    foreach ($fields as $name => $value) echo "$name=$value\n";
    echo 'body=', strlen($body), ' ', sha1($body), "\n";
    break;
  case 'missing':
    http_response_code(404);
    echo "nothing here\n";
    break;
  case 'nocontent':
    http_response_code(204);
    break;
  case 'fields':
    header('X-One: 1');
    header('X-One: 2', false);
    setcookie('a', '1');
    setcookie('b', '2');
    header('Content-Type: text/html; charset=utf-8');
    header('Cache-Control: no-store');
    header('Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT');
    header('ETag: "own"');
    header('Connection: X-Hop');
    header('X-Hop: 1');
    header('Keep-Alive: timeout=9');
    header('X-Accel-Expires: 10');
    header('Server: other');
    header('Date: Mon, 01 Jan 2001 00:00:00 GMT');
    echo "fields\n";
    break;
  case 'big':
    echo $pattern, $pattern, $pattern;
    break;
  case 'length':
    header('Content-Length: 5');
    echo 'exact';
    break;
  case 'short':
    header('Content-Length: 100');
    echo 'short';
    break;
  case 'shortbig':
    header('Content-Length: 9000000');
    echo $pattern;
    break;
  case 'redirect':
    header('Location: /elsewhere?x=y');
    break;
  case 'accel':
    header('X-Accel-Redirect: /protected/file.txt');
    header('Content-Type: text/x-own');
    setcookie('kept', '1');
    echo 'not to be seen';
    break;
  case 'accelnamed':
    header('X-Accel-Redirect: @fallback');
    break;
  case 'error':
    http_response_code(500);
    echo 'own error page';
    break;
  case 'log':
    error_log("to the log \x1b[31m red\nforged line");
    echo "logged\n";
    break;
  case 'kill':
    exec('kill -9 ' . getmypid());
    break;
  case 'slow':
    sleep(3);
    echo "late\n";
    break;
  case 'empty':
    break;
}
