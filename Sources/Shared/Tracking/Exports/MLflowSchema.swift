// SPDX-License-Identifier: Apache-2.0

/// The tables of MLflow at revision acf3f17fdcc7 (2.8 to 2.12), written anew: newer ones bring such a file forward by
/// themselves, whereas each opens no revision but its own and older ones. Their migrations ask for constraints and indices by
/// name, so the names are MLflow's.
enum MLflowSchema {
  static let revision = "acf3f17fdcc7"

  static let tables = """
    create table alembic_version(version_num text not null, constraint alembic_version_pkc primary
      key(version_num));
    create table experiments(experiment_id integer not null, name varchar(256) not null unique, artifact_location
      varchar(256), lifecycle_stage varchar(32), creation_time bigint, last_update_time bigint, constraint
      experiment_pk primary key(experiment_id));
    create table experiment_tags("key" varchar(250) not null, value varchar(5000), experiment_id integer not null
      references experiments(experiment_id), constraint experiment_tag_pk primary key("key",experiment_id));
    create table runs(run_uuid varchar(32) not null, name varchar(250), source_type varchar(20), source_name
      varchar(500), entry_point_name varchar(50), user_id varchar(256), status varchar(9), start_time bigint,
      end_time bigint, source_version varchar(50), lifecycle_stage varchar(20), artifact_uri varchar(200),
      experiment_id integer references experiments(experiment_id), deleted_time bigint, constraint run_pk primary
      key(run_uuid));
    create table tags("key" varchar(250) not null, value varchar(5000), run_uuid varchar(32) not null references
      runs(run_uuid), constraint tag_pk primary key("key",run_uuid));
    create table params("key" varchar(250) not null, value varchar(8000) not null, run_uuid varchar(32) not null
      references runs(run_uuid), constraint param_pk primary key("key",run_uuid));
    create table metrics("key" varchar(250) not null, value float not null, timestamp bigint not null, run_uuid
      varchar(32) not null references runs(run_uuid), step bigint not null default 0, is_nan boolean not null
      default 0, constraint metric_pk primary key("key",timestamp,step,run_uuid,value,is_nan));
    create table latest_metrics("key" varchar(250) not null, value float not null, timestamp bigint, step bigint not
      null, is_nan boolean not null, run_uuid varchar(32) not null references runs(run_uuid), constraint
      latest_metric_pk primary key("key",run_uuid));
    create index index_metrics_run_uuid on metrics(run_uuid);
    create index index_latest_metrics_run_uuid on latest_metrics(run_uuid);
    create index index_params_run_uuid on params(run_uuid);
    create index index_tags_run_uuid on tags(run_uuid);
    create table registered_models(name varchar(256) not null, creation_time bigint, last_updated_time bigint,
      description varchar(5000), constraint registered_model_pk primary key(name));
    create table registered_model_tags("key" varchar(250) not null, value varchar(5000), name varchar(256) not null
      references registered_models(name) on update cascade, constraint registered_model_tag_pk primary
      key("key",name));
    create table registered_model_aliases(alias varchar(256) not null, version integer not null, name varchar(256)
      not null, constraint registered_model_alias_pk primary key(name,alias), constraint
      registered_model_alias_name_fkey foreign key(name) references registered_models(name) on update cascade on
      delete cascade);
    create table model_versions(name varchar(256) not null references registered_models(name) on update cascade,
      version integer not null, creation_time bigint, last_updated_time bigint, description varchar(5000), user_id
      varchar(256), current_stage varchar(20), source varchar(500), run_id varchar(32), status varchar(20),
      status_message varchar(500), run_link varchar(500), storage_location varchar(500), constraint model_version_pk
      primary key(name,version));
    create table model_version_tags("key" varchar(250) not null, value varchar(5000), name varchar(256) not null,
      version integer not null, constraint model_version_tag_pk primary key("key",name,version), foreign
      key(name,version) references model_versions(name,version) on update cascade);
    create table datasets(dataset_uuid varchar(36) not null, experiment_id integer not null references
      experiments(experiment_id), name varchar(500) not null, digest varchar(36) not null, dataset_source_type
      varchar(36) not null, dataset_source text not null, dataset_schema text, dataset_profile text, constraint
      dataset_pk primary key(experiment_id,name,digest));
    create table inputs(input_uuid varchar(36) not null, source_type varchar(36) not null, source_id varchar(36) not
      null, destination_type varchar(36) not null, destination_id varchar(36) not null, constraint inputs_pk primary
      key(source_type,source_id,destination_type,destination_id));
    create table input_tags(input_uuid varchar(36) not null, name varchar(255) not null, value varchar(500) not
      null, constraint input_tags_pk primary key(input_uuid,name));
    """
}
