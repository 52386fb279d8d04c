/** What to do about a fault that the system named: the line that follows nginx's. */

interface Step {
  readonly fault: RegExp
  readonly advice: (match: RegExpExecArray) => string
}

const STEPS: readonly Step[] = [
  {
    fault: /bind\(\) to (\S+) failed \(98: .*?, process (\d+) \(([^)]*)\)/,
    advice: ([, address, pid, name]) =>
      `${name} (process ${pid}) listens on ${address}: stop it (kill ${pid}), or change "listen" in the conf`,
  },
  {
    fault: /bind\(\) to (unix:\S+) failed \(98: /,
    advice: ([, address]) =>
      `somebody listens on ${address}, perhaps a server of the same folder: "ss -lxp" shows who (as root, everybody's)`,
  },
  {
    fault: /bind\(\) to (\S+) failed \(98: /,
    advice: ([, address]) =>
      `somebody listens on ${address}: "ss -ltnp" shows who (as root, everybody's); stop it, or change "listen" in the conf`,
  },
  {
    fault: /bind\(\) to (?!unix:)(\S+):(\d+) failed \(13: /,
    advice: ([, , port]) =>
      `ports below 1024 are root's. Start it as root with "user" in the conf, by systemd (portico systemd-unit), or allow it: sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
  },
  {
    fault: /bind\(\) to (\S+) failed \(99: /,
    advice: () => `no interface of this machine has that address: "ip address" shows those that there are`,
  },
  {
    fault: /bind\(\) to unix:(\S+) failed \((2|13): /,
    advice: ([, path = '', code]) =>
      code === '2'
        ? `make its folder: mkdir -p ${folderOf(path)}`
        : `it must be ours to write: ls -ld ${folderOf(path)}`,
  },
  {
    fault: /^open\(\) "(\S+\/portico\.conf)" failed \(2: /,
    advice: () =>
      "go to a site's folder, name one with -p or a conf with -c, or begin: portico new NAME, portico demo",
  },
  {
    fault: /no process id in "([^"]+)"/,
    advice: ([, path]) =>
      `nothing runs that wrote ${path}: start it with portico, or name the running one's folder with -p`,
  },
  {
    fault: /open\(\) "([^"]+\.log)" failed \(2: /,
    advice: ([, path = '']) =>
      `make its folder: mkdir -p ${folderOf(path)}; or write access_log /dev/stdout; and error_log stderr;`,
  },
  {
    fault: /open\(\) "([^"]+)" failed \(2: /,
    advice: ([, path = '']) => `is it spelled right? ls ${folderOf(path)}`,
  },
  {
    fault: /open\(\) "([^"]+)" failed \(13: /,
    advice: ([, path = '']) => `it must be readable, and a log writable, for who starts this: ls -l ${path}`,
  },
]

/** A line with its end; nothing where there is nothing to add. */
export function nextStep(message: string): string {
  for (const { fault, advice } of STEPS) {
    const match = fault.exec(message)
    if (match) return `  ${advice(match)}\n`
  }
  return ''
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
