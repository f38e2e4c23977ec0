// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import com.trackunit.fabric.samples.deploy.reach.Workload.NamedPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the network policies of some manifests speak about. Immutable.
 *
 * @param namespaces the labels of each namespace that has an object
 * @param workloads all pods, by workload
 * @param policies all network policies
 * @param services all services with a selector
 */
record World(
    Map<String, Map<String, String>> namespaces,
    List<Workload> workloads,
    List<Policy> policies,
    List<ServiceDoor> services) {

  private static final String NAME_LABEL = "kubernetes.io/metadata.name";

  /**
   * A service: how its clients call the ports of some pods.
   *
   * @param namespace of the service and its pods
   * @param name of the service
   * @param selector which pods
   * @param ports service port to target port, a number or a name
   */
  record ServiceDoor(
      String namespace, String name, Map<String, String> selector, List<ServicePort> ports) {
    boolean leadsTo(Workload workload) {
      return workload.namespace().equals(namespace)
          && workload.labels().entrySet().containsAll(selector.entrySet());
    }
  }

  /** One port of a service. */
  record ServicePort(Protocol protocol, int port, String target) {
    /** The ports on the pod. */
    PortSet on(Workload workload) {
      return target.matches("[0-9]+")
          ? PortSet.range(protocol, Integer.parseInt(target), Integer.parseInt(target))
          : workload.named(protocol, target);
    }
  }

  /**
   * Takes from the manifests what matters here; the rest is passed over.
   *
   * @throws com.trackunit.fabric.samples.deploy.manifest.ManifestException if an API server would
   *     refuse a policy
   */
  static World of(List<Manifest> manifests) {
    Map<String, Map<String, String>> namespaces = new HashMap<>();
    List<Workload> workloads = new ArrayList<>();
    List<Policy> policies = new ArrayList<>();
    List<ServiceDoor> services = new ArrayList<>();
    for (Manifest manifest : manifests) {
      if (manifest.is("v1", "Namespace")) {
        namespaces.computeIfAbsent(manifest.name(), World::named).putAll(manifest.labels());
        // The API server sets this one itself, whatever a manifest says.
        namespaces.computeIfAbsent(manifest.name(), World::named).put(NAME_LABEL, manifest.name());
      } else if (!manifest.namespace().isEmpty()) {
        namespaces.computeIfAbsent(manifest.namespace(), World::named);
      }
      if (manifest.is("networking.k8s.io/v1", "NetworkPolicy")) {
        policies.add(PolicyReader.read(manifest));
      } else if (manifest.is("v1", "Service")) {
        service(manifest).ifPresent(services::add);
      } else {
        PodTemplates.of(manifest).ifPresent(pod -> workloads.add(workload(manifest, pod)));
      }
    }
    return new World(
        Map.copyOf(namespaces),
        List.copyOf(workloads),
        List.copyOf(policies),
        List.copyOf(services));
  }

  Map<String, String> labelsOfNamespace(String namespace) {
    return namespaces.getOrDefault(namespace, Map.of(NAME_LABEL, namespace));
  }

  private static Map<String, String> named(String namespace) {
    Map<String, String> labels = new HashMap<>();
    labels.put(NAME_LABEL, namespace);
    return labels;
  }

  private static Workload workload(Manifest manifest, JsonNode pod) {
    List<NamedPort> ports = new ArrayList<>();
    JsonNode spec = pod.path("spec");
    spec.path("containers").forEach(container -> addPorts(ports, container));
    for (JsonNode container : spec.path("initContainers")) {
      // Only those that go on running beside the others.
      if (container.path("restartPolicy").asText().equals("Always")) {
        addPorts(ports, container);
      }
    }
    return new Workload(
        manifest.namespace(),
        manifest.name(),
        Manifest.texts(pod.path("metadata").path("labels")),
        ports,
        spec.path("hostNetwork").asBoolean());
  }

  private static void addPorts(List<NamedPort> ports, JsonNode container) {
    for (JsonNode port : container.path("ports")) {
      ports.add(
          new NamedPort(
              port.path("name").asText(),
              PolicyReader.protocol(port.path("protocol").asText("TCP")),
              port.path("containerPort").asInt()));
    }
  }

  private static Optional<ServiceDoor> service(Manifest manifest) {
    JsonNode spec = manifest.tree().path("spec");
    Map<String, String> selector = Manifest.texts(spec.path("selector"));
    if (selector.isEmpty()) {
      return Optional.empty();
    }
    List<ServicePort> ports = new ArrayList<>();
    for (JsonNode port : spec.path("ports")) {
      ports.add(
          new ServicePort(
              PolicyReader.protocol(port.path("protocol").asText("TCP")),
              port.path("port").asInt(),
              port.path("targetPort").asText(port.path("port").asText())));
    }
    return Optional.of(new ServiceDoor(manifest.namespace(), manifest.name(), selector, ports));
  }
}
