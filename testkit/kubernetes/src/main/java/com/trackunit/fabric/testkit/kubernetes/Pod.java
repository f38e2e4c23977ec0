// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A pod of the stand-in: it becomes ready, stops being so, and goes. Thread-safe. */
public final class Pod {
  private final Cluster cluster;
  private final ObjectName at;
  private final String uid = UUID.randomUUID().toString();
  private final String address;
  private final Map<String, String> labels;
  private final List<ContainerPort> ports;
  private final Set<Forward> forwards = ConcurrentHashMap.newKeySet();
  private volatile boolean ready;
  private volatile boolean terminating;
  private volatile boolean gone;

  Pod(
      Cluster cluster,
      ObjectName at,
      String address,
      Map<String, String> labels,
      List<ContainerPort> ports) {
    this.cluster = cluster;
    this.at = at;
    this.address = address;
    this.labels = Map.copyOf(labels);
    this.ports = List.copyOf(ports);
  }

  /**
   * The name.
   *
   * @return as given
   */
  public String name() {
    return at.name();
  }

  /**
   * What tells it apart from an earlier pod of the same name.
   *
   * @return a random id
   */
  public String uid() {
    return uid;
  }

  /**
   * Says whether its readiness probe passes; a new pod is not ready.
   *
   * @param value true for ready
   * @return this
   */
  public Pod ready(boolean value) {
    ready = value;
    cluster.changed(this);
    return this;
  }

  /**
   * Begins its end, as a deletion with a grace period does: it is terminating and not ready, and
   * goes on serving until {@link #delete}.
   */
  public void terminate() {
    terminating = true;
    cluster.changed(this);
  }

  /** Kills it: the object is gone, and what was forwarded to it ends as the kubelet ends it. */
  public void delete() {
    gone = true;
    cluster.removed(this);
    forwards.forEach(Forward::podGone);
  }

  /**
   * How many connections are forwarded to it now.
   *
   * @return those that hold a connection to the backend
   */
  public int forwards() {
    return forwards.size();
  }

  ObjectName at() {
    return at;
  }

  String address() {
    return address;
  }

  Map<String, String> labels() {
    return labels;
  }

  List<ContainerPort> ports() {
    return ports;
  }

  boolean isReady() {
    return ready && !terminating;
  }

  boolean isServing() {
    return ready;
  }

  boolean isTerminating() {
    return terminating;
  }

  boolean isGone() {
    return gone;
  }

  /** Who listens on a port inside the pod. */
  Optional<ContainerPort> port(int number) {
    return ports.stream().filter(port -> port.port() == number).findFirst();
  }

  /** The number behind a Service's target port, if the pod has it. */
  Optional<Integer> resolve(String targetPort) {
    if (targetPort.chars().allMatch(Character::isDigit)) {
      return Optional.of(Integer.valueOf(targetPort));
    }
    return ports.stream()
        .filter(port -> port.name().equals(targetPort))
        .map(ContainerPort::port)
        .findFirst();
  }

  void add(Forward forward) {
    forwards.add(forward);
    if (gone) {
      forward.podGone();
    }
  }

  void remove(Forward forward) {
    forwards.remove(forward);
  }

  @Override
  public String toString() {
    return "Pod[" + at.namespace() + "/" + at.name() + "]";
  }
}
