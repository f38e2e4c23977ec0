// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Hosts in network namespaces of their own, joined by a router that has an nftables ruleset and no
 * way out of the lab. It is not a network plugin: it only sees whether packets pass rules.
 */
final class PacketLab implements AutoCloseable {
  private static final String ZONE =
      """
      table inet zone {
        chain before {
          type filter hook prerouting priority raw; policy accept;
          ct zone set %d
        }
      }
      """;

  /** The router's address on each link. */
  private static final String ROUTER_6 = "fe80::1";

  private final String prefix = "fab" + ProcessHandle.current().pid() % 100_000;
  private final String router = prefix + "r";
  private final Path folder;
  private final List<String> namespaces = new ArrayList<>();
  private final Map<String, Agent> agents = new LinkedHashMap<>();

  /** A process in a namespace. */
  private record Agent(Process process, BufferedReader out) {}

  private int zone;

  private PacketLab(Path folder) {
    this.folder = folder;
  }

  /** Whether this machine and user may make namespaces with IPv6, and has nft. */
  static boolean isPossible() {
    try {
      String name = "fabtry" + ProcessHandle.current().pid() % 100_000;
      boolean made = status("ip", "netns", "add", name) == 0;
      boolean filtered =
          made
              && status("ip", "netns", "exec", name, "nft", "list", "ruleset") == 0
              && status("ip", "-n", name, "-6", "addr", "add", "fd00::1/128", "dev", "lo") == 0;
      return made && status("ip", "netns", "del", name) == 0 && filtered;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Builds the lab.
   *
   * @param hosts names to an IPv4 and an IPv6 address each
   * @param ports what each host listens on, as {@code TCP:80}
   */
  static PacketLab start(Path folder, Map<String, List<String>> hosts, List<String> ports)
      throws IOException {
    PacketLab lab = new PacketLab(folder);
    try {
      lab.namespace(lab.router);
      // Without any address of its own, Linux would send to everyone (broadcast).
      run("ip", "-n", lab.router, "link", "set", "lo", "up");
      lab.kernel("net.ipv4.ip_forward", 1);
      // Every refusal is told, not only some of them each second.
      lab.kernel("net.ipv4.icmp_ratemask", 0);
      lab.kernel("net.ipv6.icmp.ratelimit", 0);
      lab.kernel("net.ipv6.conf.all.forwarding", 1);
      int number = 0;
      for (Map.Entry<String, List<String>> host : hosts.entrySet()) {
        lab.host(host.getKey(), host.getValue(), lab.prefix + number++, ports);
      }
      for (Map.Entry<String, Agent> agent : lab.agents.entrySet()) {
        if (!"ready".equals(agent.getValue().out().readLine())) {
          throw new IOException("no listener at " + agent.getKey());
        }
      }
      return lab;
    } catch (IOException e) {
      lab.close();
      throw e;
    }
  }

  /**
   * Replaces all rules of the router. Connections that it remembers from earlier rules lie in a
   * zone of their own: a port that is used again would else count as an established connection.
   */
  void load(String rules) throws IOException {
    Path file = folder.resolve("rules.nft");
    zone++;
    Files.writeString(file, "flush ruleset\n" + ZONE.formatted(zone) + rules);
    inRouter("nft", "-f", file.toString());
  }

  /** Asks the agent of a host to try each of {@code TCP 10.0.0.1 80}; answers in order. */
  List<Boolean> tryAll(String host, List<String> targets) throws IOException {
    Agent agent = agents.get(host);
    if (agent == null) {
      throw new IllegalArgumentException(host);
    }
    List<Boolean> answers = new ArrayList<>();
    OutputStream in = agent.process().getOutputStream();
    for (String target : targets) {
      in.write((target + "\n").getBytes(StandardCharsets.UTF_8));
      in.flush();
      answers.add("yes".equals(agent.out().readLine()));
    }
    return answers;
  }

  @Override
  public void close() {
    for (Agent agent : agents.values()) {
      agent.process().destroyForcibly();
      try {
        agent.process().waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    for (String namespace : namespaces) {
      try {
        status("ip", "netns", "del", namespace);
      } catch (IOException e) {
        System.err.println("left behind: " + namespace + ": " + e);
      }
    }
  }

  private void host(String name, List<String> addresses, String namespace, List<String> ports)
      throws IOException {
    namespace(namespace);
    String link = namespace + "v";
    run(
        "ip", "link", "add", link, "netns", router, "type", "veth", "peer", "eth0", "netns",
        namespace);
    inRouter("ip", "link", "set", link, "up");
    inRouter("ip", "route", "add", addresses.get(0) + "/32", "dev", link);
    kernel("net.ipv4.conf." + link + ".proxy_arp", 1);
    kernel("net.ipv4.neigh." + link + ".proxy_delay", 0);
    inRouter("ip", "-6", "addr", "add", ROUTER_6 + "/64", "dev", link, "nodad");
    inRouter("ip", "-6", "route", "add", addresses.get(1) + "/128", "dev", link);
    run("ip", "-n", namespace, "link", "set", "lo", "up");
    run("ip", "-n", namespace, "addr", "add", addresses.get(0) + "/32", "dev", "eth0");
    run(
        "ip",
        "-n",
        namespace,
        "-6",
        "addr",
        "add",
        addresses.get(1) + "/128",
        "dev",
        "eth0",
        "nodad");
    run("ip", "-n", namespace, "link", "set", "eth0", "up");
    run("ip", "-n", namespace, "route", "add", "default", "dev", "eth0");
    run("ip", "-n", namespace, "-6", "route", "add", "default", "via", ROUTER_6, "dev", "eth0");
    agent(name, namespace, ports);
  }

  private void agent(String name, String namespace, List<String> ports) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "ip",
                "netns",
                "exec",
                namespace,
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                PacketAgent.class.getName()));
    command.addAll(ports);
    Process process =
        new ProcessBuilder(command)
            .redirectError(folder.resolve(namespace + ".err").toFile())
            .start();
    agents.put(
        name,
        new Agent(
            process,
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))));
  }

  private void namespace(String name) throws IOException {
    run("ip", "netns", "add", name);
    namespaces.add(name);
  }

  private void inRouter(String... command) throws IOException {
    List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", router));
    inside.addAll(List.of(command));
    run(inside.toArray(new String[0]));
  }

  /** What sysctl does, which not every machine has. */
  private void kernel(String setting, int value) throws IOException {
    inRouter("sh", "-c", "echo " + value + " >/proc/sys/" + setting.replace('.', '/'));
  }

  private static void run(String... command) throws IOException {
    if (status(command) != 0) {
      throw new IOException("failed: " + String.join(" ", command));
    }
  }

  private static int status(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int status = process.waitFor();
      if (status != 0) {
        System.err.println(String.join(" ", command) + ": " + said.strip());
      }
      return status;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
