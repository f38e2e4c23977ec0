// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the control plane does: it keeps the objects, and after each change of a pod or a Service
 * makes the EndpointSlices again, as the endpoint slice controller does. Thread-safe.
 */
final class Cluster {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private record Service(ObjectName at, Map<String, String> selector, List<ServicePort> ports) {}

  private final ObjectStore store = new ObjectStore();
  private final Map<ObjectName, Service> services = new ConcurrentHashMap<>();
  private final Map<ObjectName, Pod> pods = new ConcurrentHashMap<>();
  private int addresses;

  ObjectStore store() {
    return store;
  }

  Optional<Pod> pod(ObjectName at) {
    return Optional.ofNullable(pods.get(at));
  }

  void addNamespace(String name) {
    ObjectName at = new ObjectName("", name);
    store.put(Kind.NAMESPACE, at, object(Kind.NAMESPACE, at, Map.of(), Map.of()));
  }

  synchronized void addService(
      ObjectName at, Map<String, String> selector, List<ServicePort> ports) {
    services.put(at, new Service(at, Map.copyOf(selector), List.copyOf(ports)));
    List<Map<String, Object>> portSpecs = new ArrayList<>();
    for (ServicePort port : ports) {
      Map<String, Object> spec = new LinkedHashMap<>();
      if (!port.name().isEmpty()) {
        spec.put("name", port.name());
      }
      spec.put("protocol", "TCP");
      spec.put("port", port.port());
      boolean isNumber = port.targetPort().chars().allMatch(Character::isDigit);
      spec.put("targetPort", isNumber ? Integer.valueOf(port.targetPort()) : port.targetPort());
      portSpecs.add(spec);
    }
    Map<String, Object> spec =
        Map.of(
            "type",
            "ClusterIP",
            "clusterIP",
            "10.96.0.10",
            "ports",
            portSpecs,
            "selector",
            selector);
    store.put(Kind.SERVICE, at, object(Kind.SERVICE, at, Map.of(), Map.of("spec", spec)));
    slice(at.namespace());
  }

  synchronized void removeService(ObjectName at) {
    services.remove(at);
    store.remove(Kind.SERVICE, at);
    slice(at.namespace());
  }

  synchronized Pod addPod(ObjectName at, Map<String, String> labels, List<ContainerPort> ports) {
    addresses++;
    Pod pod =
        new Pod(this, at, "10.244." + addresses / 250 + "." + (addresses % 250 + 2), labels, ports);
    if (pods.putIfAbsent(at, pod) != null) {
      throw new IllegalArgumentException("pod: " + at + " exists; delete it first");
    }
    changed(pod);
    return pod;
  }

  synchronized void changed(Pod pod) {
    if (pods.get(pod.at()) == pod) {
      store.put(Kind.POD, pod.at(), body(pod));
      slice(pod.at().namespace());
    }
  }

  synchronized void removed(Pod pod) {
    if (pods.remove(pod.at(), pod)) {
      store.remove(Kind.POD, pod.at());
      slice(pod.at().namespace());
    }
  }

  private static Map<String, Object> body(Pod pod) {
    List<Map<String, Object>> ports = new ArrayList<>();
    for (ContainerPort port : pod.ports()) {
      ports.add(
          port.name().isEmpty()
              ? Map.of("containerPort", port.port(), "protocol", "TCP")
              : Map.of("name", port.name(), "containerPort", port.port(), "protocol", "TCP"));
    }
    Map<String, Object> extra = new LinkedHashMap<>();
    extra.put(
        "spec",
        Map.of(
            "nodeName",
            "node-1",
            "containers",
            List.of(Map.of("name", "main", "image", "stand-in", "ports", ports))));
    extra.put(
        "status",
        Map.of(
            "phase",
            "Running",
            "podIP",
            pod.address(),
            "conditions",
            List.of(Map.of("type", "Ready", "status", pod.isReady() ? "True" : "False"))));
    Map<String, Object> body = object(Kind.POD, pod.at(), pod.labels(), extra);
    metadata(body).put("uid", pod.uid());
    if (pod.isTerminating()) {
      metadata(body).put("deletionTimestamp", "2026-01-01T00:00:30Z");
    }
    return body;
  }

  /** One slice for each set of port numbers that the pods of a Service have. */
  private void slice(String namespace) {
    Map<ObjectName, Map<String, Object>> wanted = new LinkedHashMap<>();
    for (Service service : services.values()) {
      if (service.at().namespace().equals(namespace)) {
        wanted.putAll(slices(service));
      }
    }
    for (Map<String, Object> old :
        store.list(Kind.ENDPOINT_SLICE, namespace, all -> true).items()) {
      ObjectName at = new ObjectName(namespace, String.valueOf(metadata(old).get("name")));
      if (!wanted.containsKey(at)) {
        store.remove(Kind.ENDPOINT_SLICE, at);
      }
    }
    wanted.forEach((at, body) -> store.put(Kind.ENDPOINT_SLICE, at, body));
  }

  private Map<ObjectName, Map<String, Object>> slices(Service service) {
    Map<List<Integer>, List<Object>> endpoints = new LinkedHashMap<>();
    Map<String, Pod> byName = new TreeMap<>();
    pods.forEach((at, pod) -> byName.put(at.namespace() + "/" + at.name(), pod));
    for (Pod pod : byName.values()) {
      if (pod.at().namespace().equals(service.at().namespace())
          && pod.labels().entrySet().containsAll(service.selector().entrySet())) {
        List<Integer> numbers =
            service.ports().stream().map(port -> pod.resolve(port.targetPort()).orElse(0)).toList();
        endpoints.computeIfAbsent(numbers, none -> new ArrayList<>()).add(endpoint(pod));
      }
    }
    if (endpoints.isEmpty()) {
      endpoints.put(List.of(), List.of());
    }
    Map<ObjectName, Map<String, Object>> slices = new LinkedHashMap<>();
    endpoints.forEach(
        (numbers, members) -> {
          ObjectName at =
              new ObjectName(
                  service.at().namespace(),
                  service.at().name() + "-" + Integer.toHexString(numbers.hashCode()));
          Map<String, Object> extra = new LinkedHashMap<>();
          extra.put("addressType", "IPv4");
          extra.put("endpoints", members);
          extra.put("ports", numbers.isEmpty() ? List.of() : ports(service, numbers));
          slices.put(
              at,
              object(Kind.ENDPOINT_SLICE, at, Map.of(SERVICE_NAME, service.at().name()), extra));
        });
    return slices;
  }

  private static List<Object> ports(Service service, List<Integer> numbers) {
    List<Object> ports = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i++) {
      if (numbers.get(i) != 0) { // a pod without that name has no such port
        ports.add(
            Map.of(
                "name", service.ports().get(i).name(), "port", numbers.get(i), "protocol", "TCP"));
      }
    }
    return ports;
  }

  private static Map<String, Object> endpoint(Pod pod) {
    return Map.of(
        "addresses",
        List.of(pod.address()),
        "conditions",
        Map.of(
            "ready", pod.isReady(), "serving", pod.isServing(), "terminating", pod.isTerminating()),
        "nodeName",
        "node-1",
        "targetRef",
        Map.of(
            "kind",
            "Pod",
            "namespace",
            pod.at().namespace(),
            "name",
            pod.at().name(),
            "uid",
            pod.uid()));
  }

  private static Map<String, Object> object(
      Kind kind, ObjectName at, Map<String, String> labels, Map<String, Object> extra) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", at.name());
    if (!at.namespace().isEmpty()) {
      metadata.put("namespace", at.namespace());
    }
    if (!labels.isEmpty()) {
      metadata.put("labels", labels);
    }
    metadata.put("creationTimestamp", "2026-01-01T00:00:00Z");
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("kind", kind.title());
    object.put("apiVersion", kind.apiVersion());
    object.put("metadata", metadata);
    object.putAll(extra);
    return object;
  }

  @SuppressWarnings("unchecked") // made in this class
  private static Map<String, Object> metadata(Map<String, Object> object) {
    return (Map<String, Object>) object.getOrDefault("metadata", Map.of());
  }
}
