// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What the EndpointSlices of one Service say about one of its ports. A slice names the pods' own
 * port number, resolved pod by pod where the target port is a name, so that no pod has to be read.
 * Immutable.
 *
 * @param ready the pods to forward to
 * @param present the uids of all pods, ready or not, that still exist
 */
record Endpoints(List<Target> ready, Set<String> present) {
  Endpoints {
    ready = List.copyOf(ready);
    present = Set.copyOf(present);
  }

  static Endpoints none() {
    return new Endpoints(List.of(), Set.of());
  }

  /**
   * Reads slices.
   *
   * @param portName the Service port's name, which slices repeat; empty for the only, unnamed one
   */
  static Endpoints of(Collection<EndpointSlice> slices, String portName) {
    List<Target> ready = new ArrayList<>();
    Set<String> present = new HashSet<>();
    for (EndpointSlice slice : slices) {
      int port = port(slice, portName);
      for (Endpoint endpoint : orEmpty(slice.getEndpoints())) {
        ObjectReference pod = endpoint.getTargetRef();
        if (pod == null || !"Pod".equals(pod.getKind()) || pod.getName() == null) {
          continue; // an address without a pod cannot be forwarded to
        }
        String uid = Objects.requireNonNullElse(pod.getUid(), pod.getName());
        present.add(uid);
        if (port > 0 && isReady(endpoint.getConditions())) {
          ready.add(new Target(pod.getName(), uid, port));
        }
      }
    }
    return new Endpoints(ready, present);
  }

  private static int port(EndpointSlice slice, String portName) {
    for (EndpointPort port : orEmpty(slice.getPorts())) {
      boolean isTcp = port.getProtocol() == null || "TCP".equals(port.getProtocol());
      String name = Objects.requireNonNullElse(port.getName(), "");
      boolean isPort = port.getPort() != null && port.getPort() > 0 && port.getPort() <= 0xFFFF;
      if (isTcp && name.equals(portName) && isPort) {
        return port.getPort();
      }
    }
    return 0;
  }

  /** An unknown condition counts as ready (API reference, EndpointConditions). */
  @SuppressWarnings("NullAway") // a slice from the wire leaves out what it does not know
  private static boolean isReady(EndpointConditions conditions) {
    return conditions == null || !Boolean.FALSE.equals(conditions.getReady());
  }

  @SuppressWarnings("NullAway") // the same
  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }
}
