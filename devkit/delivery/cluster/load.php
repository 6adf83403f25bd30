<?php

// Requests over connections that are kept alive, as many at once as CONNECTIONS says, until /tmp/stop is there or
// SECONDS are over. Every request that is not answered with 200 counts: a client of our own, because others try again
// in silence on a connection that was closed. Each second a line of JSON says how far it is; the last one has the sum.

declare(strict_types=1);

set_error_handler(static fn (): bool => true);  // what a socket warns of is counted below

$address = getenv('TARGET');
$host = getenv('HOST') ?: $address;
$path = getenv('TARGET_PATH') ?: '/up';
$connections = (int) (getenv('CONNECTIONS') ?: 4);
$limit = (float) (getenv('SECONDS') ?: 600);
$patience = (float) (getenv('PATIENCE') ?: 10);
$wait = (float) (getenv('PAUSE') ?: 0);
$request = "GET $path HTTP/1.1\r\nHost: $host\r\nUser-Agent: devkit-load\r\nAccept: */*\r\n\r\n";

$began = microtime(true);
$told = $began;
$requests = 0;
$failed = 0;
$latencies = [];
$failures = [];
$stopping = false;

/** A connection: its socket, what has been sent and received, and since when. */
function fresh(): array
{
    return ['socket' => null, 'state' => 'idle', 'out' => '', 'in' => '', 'since' => 0.0, 'again' => 0.0, 'used' => 0];
}

function closed(array &$one): void
{
    if ($one['socket'] !== null) {
        fclose($one['socket']);
    }
    $again = $one['again'];
    $one = fresh();
    $one['again'] = $again;
}

/** Whether the answer is whole: null while it is not, else its status and whether the connection stays open. */
function answer(string $in, bool $over): ?array
{
    $end = strpos($in, "\r\n\r\n");
    if ($end === false || ! preg_match('~^HTTP/1\.[01] (\d{3})~', $in, $status)) {
        return null;
    }
    $head = strtolower(substr($in, 0, $end + 2));
    $body = substr($in, $end + 4);
    $stays = ! str_contains($head, "\r\nconnection: close");
    if (preg_match('~\r\ncontent-length: *(\d+)~', $head, $length)) {
        return strlen($body) >= (int) $length[1] ? [(int) $status[1], $stays] : null;
    }
    if (str_contains($head, "\r\ntransfer-encoding: chunked")) {
        return str_ends_with($body, "0\r\n\r\n") ? [(int) $status[1], $stays] : null;
    }
    if (in_array($status[1], ['204', '304'], true)) {
        return [(int) $status[1], $stays];
    }

    return $over ? [(int) $status[1], false] : null;
}

$all = array_fill(0, $connections, null);
foreach ($all as $number => $_) {
    $all[$number] = fresh();
}

$lost = static function (array &$one, string $why) use (&$requests, &$failed, &$failures, $began): void {
    $requests++;
    $failed++;
    if (count($failures) < 20) {
        $failures[] = ['second' => round(microtime(true) - $began, 2), 'why' => $why, 'request' => $one['used']];
    }
    closed($one);
    $one['again'] = microtime(true) + 0.1;
};

while (true) {
    $now = microtime(true);
    if ($now - $told >= 1.0) {
        $told = $now;
        clearstatcache();
        $stopping = $stopping || $now - $began >= $limit || is_file('/tmp/stop');
        echo json_encode(['requests' => $requests, 'failed' => $failed]), "\n";
    }
    $busy = 0;
    $read = $write = [];
    foreach ($all as $number => &$one) {
        if ($one['state'] === 'idle') {
            if ($stopping || $now < $one['again']) {
                continue;
            }
            if ($one['socket'] === null) {
                $flags = STREAM_CLIENT_CONNECT | STREAM_CLIENT_ASYNC_CONNECT;
                $socket = stream_socket_client("tcp://$address", $code, $said, $patience, $flags);
                if ($socket === false) {
                    $lost($one, "no connection: $said");
                    continue;
                }
                stream_set_blocking($socket, false);
                $one['socket'] = $socket;
            }
            $one['state'] = 'sending';
            $one['out'] = $request;
            $one['in'] = '';
            $one['since'] = $now;
        } elseif ($now - $one['since'] > $patience) {
            $lost($one, "no answer within $patience s");
            continue;
        }
        $busy++;
        if ($one['state'] === 'sending') {
            $write[$number] = $one['socket'];
        } else {
            $read[$number] = $one['socket'];
        }
    }
    unset($one);
    if ($busy === 0) {
        if ($stopping) {
            break;
        }
        usleep(2000);
        continue;
    }
    $nothing = null;
    if (stream_select($read, $write, $nothing, 0, 200000) === false) {
        continue;
    }
    foreach ($write as $number => $socket) {
        $one = &$all[$number];
        if (stream_socket_get_name($socket, true) === false) {
            $lost($one, 'no connection: refused');
            continue;
        }
        $sent = fwrite($socket, $one['out']);
        if ($sent === false) {
            $lost($one, $one['used'] ? 'the connection was closed before a request' : 'no connection: refused');
            continue;
        }
        $one['out'] = substr($one['out'], $sent);
        if ($one['out'] === '') {
            $one['state'] = 'reading';
        }
        unset($one);
    }
    foreach ($read as $number => $socket) {
        $one = &$all[$number];
        $piece = fread($socket, 65536);
        $over = feof($socket);
        $one['in'] .= $piece === false ? '' : $piece;
        $found = answer($one['in'], $over);
        if ($found === null) {
            if ($over) {
                $lost($one, $one['in'] === '' ? 'the connection was closed without an answer' : 'half an answer');
            }
            continue;
        }
        [$status, $stays] = $found;
        if ($status !== 200) {
            $lost($one, "status $status");
            continue;
        }
        $requests++;
        $latencies[] = microtime(true) - $one['since'];
        $one['state'] = 'idle';
        $one['used']++;
        $one['again'] = $wait > 0 ? microtime(true) + $wait : 0.0;
        if (! $stays || $over) {
            closed($one);
        }
        unset($one);
    }
}

sort($latencies);
$at = static function (float $part) use ($latencies): ?float {
    $last = count($latencies) - 1;

    return $last < 0 ? null : round($latencies[(int) floor($part * $last)] * 1000, 2);
};

echo json_encode([
    'requests' => $requests,
    'failed' => $failed,
    'seconds' => round(microtime(true) - $began, 2),
    'p50' => $at(0.5),
    'p99' => $at(0.99),
    'failures' => $failures,
    'done' => true,
], JSON_INVALID_UTF8_SUBSTITUTE), "\n";
