// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.samples.contracts.ServiceMain;
import okhttp3.OkHttpClient;

/** graph-gateway as a process; its settings are those of {@link GatewaySettings}. */
public final class GraphGatewayService {
  private GraphGatewayService() {}

  /**
   * Runs until SIGTERM.
   *
   * @param args none
   */
  public static void main(String[] args) {
    ServiceMain.run(
        "graph-gateway",
        environment -> GraphGateway.start(GatewaySettings.from(environment), new OkHttpClient()));
  }
}
