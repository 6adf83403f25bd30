// FrankenPHP's server as its own main.go makes it (with Mercure and Brotli), out of Go module dependencies.
// Vulcain is left out: the module proxy did not serve vulcain/caddy. The Caddyfile only names it in a comment.
// The two Brotli modules' hashes in go.sum are those of frankenphp/caddy's own go.sum.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"
	_ "github.com/dunglas/caddy-cbrotli"
	_ "github.com/dunglas/frankenphp/caddy"
)

func main() {
	caddycmd.Main()
}
